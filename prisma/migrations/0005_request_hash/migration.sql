-- A reused idempotency key with another body is told from a repeated request. Null: submitted before this was kept.
ALTER TABLE "Experiment" ADD COLUMN "requestHash" TEXT;
