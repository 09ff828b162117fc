-- A trainer that is killed from outside is no proof of too little memory, and a worker can say what is wrong with its machine.
ALTER TABLE "Trial" DROP CONSTRAINT "Trial_cause_check";
ALTER TABLE "Trial" ADD CONSTRAINT "Trial_cause_check" CHECK ("cause" IN ('diverged', 'oom', 'killed', 'invalid', 'error', 'timeout', 'dependency'));
ALTER TABLE "Worker" ADD COLUMN "fault" TEXT;
