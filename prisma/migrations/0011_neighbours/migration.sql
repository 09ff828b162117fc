-- What a trial's virtual tokens are near to is kept as its adapter is.
ALTER TABLE "Checkpoint" DROP CONSTRAINT "Checkpoint_kind_check";
ALTER TABLE "Checkpoint" ADD CONSTRAINT "Checkpoint_kind_check" CHECK ("kind" IN ('resume', 'backbone', 'adapter', 'predictions', 'neighbours'));
