-- Tables as drawn in schema.prisma, and what Prisma can't say: generated columns, checks of states, partial indexes.

CREATE TABLE "Experiment" (
  "id" UUID NOT NULL,
  "name" TEXT NOT NULL,
  "owner" TEXT NOT NULL DEFAULT 'local',
  "priority" INTEGER NOT NULL DEFAULT 0,
  "state" TEXT NOT NULL DEFAULT 'active',
  "idempotencyKey" TEXT,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "finishedAt" TIMESTAMPTZ(3),
  CONSTRAINT "Experiment_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "Experiment_state_check" CHECK ("state" IN ('active', 'paused', 'finished', 'cancelled'))
);
CREATE UNIQUE INDEX "Experiment_owner_idempotencyKey_key" ON "Experiment"("owner", "idempotencyKey");
CREATE INDEX "Experiment_state_idx" ON "Experiment"("state");

CREATE TABLE "Trial" (
  "id" UUID NOT NULL,
  "key" TEXT NOT NULL,
  "config" JSONB NOT NULL,
  "steps" INTEGER NOT NULL,
  "backboneKey" TEXT NOT NULL,
  "gangKey" TEXT,
  "state" TEXT NOT NULL,
  "cause" TEXT,
  "message" TEXT,
  "fence" INTEGER NOT NULL DEFAULT 0,
  "crashes" INTEGER NOT NULL DEFAULT 0,
  "losses" INTEGER NOT NULL DEFAULT 0,
  "cancelRequested" BOOLEAN NOT NULL DEFAULT false,
  "step" INTEGER NOT NULL DEFAULT 0,
  "stepMs" DOUBLE PRECISION,
  "note" TEXT,
  "summary" JSONB,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "finishedAt" TIMESTAMPTZ(3),
  "stage" TEXT GENERATED ALWAYS AS ("config" ->> 'stage') STORED,
  "backbone" TEXT GENERATED ALWAYS AS (coalesce("config" #>> '{backbone,name}', "config" #>> '{backbone,folder}')) STORED,
  "adaptSteps" INTEGER GENERATED ALWAYS AS (coalesce("config" #>> '{backbone,adapt,steps}', "config" #>> '{adapt,steps}')::INTEGER) STORED,
  "task" TEXT GENERATED ALWAYS AS ("config" #>> '{task,name}') STORED,
  "method" TEXT GENERATED ALWAYS AS ("config" #>> '{method,name}') STORED,
  "length" INTEGER GENERATED ALWAYS AS (CASE jsonb_typeof("config" #> '{method,length}') WHEN 'number' THEN ("config" #>> '{method,length}')::NUMERIC::INTEGER END) STORED,
  "init" TEXT GENERATED ALWAYS AS (CASE jsonb_typeof("config" #> '{method,init}') WHEN 'string' THEN "config" #>> '{method,init}' END) STORED,
  "learningRate" DOUBLE PRECISION GENERATED ALWAYS AS (("config" #>> '{training,optimizer,learningRate}')::DOUBLE PRECISION) STORED,
  "seed" INTEGER GENERATED ALWAYS AS (("config" ->> 'seed')::INTEGER) STORED,
  CONSTRAINT "Trial_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "Trial_state_check" CHECK ("state" IN ('blocked', 'ready', 'dispatched', 'running', 'succeeded', 'failed', 'cancelled', 'pruned')),
  CONSTRAINT "Trial_cause_check" CHECK ("cause" IN ('diverged', 'oom', 'invalid', 'error', 'timeout', 'dependency'))
);
CREATE UNIQUE INDEX "Trial_key_key" ON "Trial"("key");
CREATE INDEX "Trial_state_idx" ON "Trial"("state");
CREATE INDEX "Trial_backboneKey_idx" ON "Trial"("backboneKey");
CREATE INDEX "Trial_task_backbone_method_idx" ON "Trial"("task", "backbone", "method");
CREATE INDEX "Trial_config_idx" ON "Trial" USING GIN ("config" jsonb_path_ops);

CREATE TABLE "Cell" (
  "id" UUID NOT NULL,
  "experimentId" UUID NOT NULL,
  "grid" TEXT NOT NULL,
  "index" INTEGER NOT NULL,
  "point" JSONB NOT NULL,
  "baseline" BOOLEAN NOT NULL,
  "reused" BOOLEAN NOT NULL,
  "trialId" UUID NOT NULL,
  CONSTRAINT "Cell_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "Cell_experimentId_fkey" FOREIGN KEY ("experimentId") REFERENCES "Experiment"("id") ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT "Cell_trialId_fkey" FOREIGN KEY ("trialId") REFERENCES "Trial"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "Cell_experimentId_grid_index_key" ON "Cell"("experimentId", "grid", "index");
CREATE INDEX "Cell_trialId_idx" ON "Cell"("trialId");

CREATE TABLE "ExperimentTrial" (
  "experimentId" UUID NOT NULL,
  "trialId" UUID NOT NULL,
  "position" INTEGER NOT NULL,
  CONSTRAINT "ExperimentTrial_pkey" PRIMARY KEY ("experimentId", "trialId"),
  CONSTRAINT "ExperimentTrial_experimentId_fkey" FOREIGN KEY ("experimentId") REFERENCES "Experiment"("id") ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT "ExperimentTrial_trialId_fkey" FOREIGN KEY ("trialId") REFERENCES "Trial"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX "ExperimentTrial_experimentId_position_idx" ON "ExperimentTrial"("experimentId", "position");
CREATE INDEX "ExperimentTrial_trialId_idx" ON "ExperimentTrial"("trialId");

CREATE TABLE "Dependency" (
  "trialId" UUID NOT NULL,
  "dependsOnId" UUID NOT NULL,
  "step" INTEGER NOT NULL,
  CONSTRAINT "Dependency_pkey" PRIMARY KEY ("trialId", "dependsOnId", "step"),
  CONSTRAINT "Dependency_trialId_fkey" FOREIGN KEY ("trialId") REFERENCES "Trial"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT "Dependency_dependsOnId_fkey" FOREIGN KEY ("dependsOnId") REFERENCES "Trial"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX "Dependency_dependsOnId_idx" ON "Dependency"("dependsOnId");

CREATE TABLE "Attempt" (
  "id" UUID NOT NULL,
  "trialId" UUID NOT NULL,
  "jobId" UUID NOT NULL,
  "fence" INTEGER NOT NULL,
  "worker" TEXT,
  "state" TEXT NOT NULL,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "rungAt" TIMESTAMPTZ(3),
  "leaseUntil" TIMESTAMPTZ(3),
  "startedAt" TIMESTAMPTZ(3),
  "endedAt" TIMESTAMPTZ(3),
  "message" TEXT,
  CONSTRAINT "Attempt_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "Attempt_trialId_fkey" FOREIGN KEY ("trialId") REFERENCES "Trial"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT "Attempt_state_check" CHECK ("state" IN ('dispatched', 'running', 'succeeded', 'failed', 'cancelled', 'lost'))
);
CREATE UNIQUE INDEX "Attempt_trialId_fence_key" ON "Attempt"("trialId", "fence");
CREATE INDEX "Attempt_jobId_idx" ON "Attempt"("jobId");
CREATE INDEX "Attempt_state_idx" ON "Attempt"("state");
-- At most one attempt of a trial may be alive, whatever the code above believes.
CREATE UNIQUE INDEX "Attempt_trialId_alive_key" ON "Attempt"("trialId") WHERE "state" IN ('dispatched', 'running');

CREATE TABLE "Checkpoint" (
  "id" UUID NOT NULL,
  "trialId" UUID NOT NULL,
  "kind" TEXT NOT NULL,
  "step" INTEGER NOT NULL,
  "fence" INTEGER NOT NULL,
  "hash" TEXT NOT NULL,
  "bytes" BIGINT NOT NULL,
  "files" JSONB NOT NULL,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "Checkpoint_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "Checkpoint_trialId_fkey" FOREIGN KEY ("trialId") REFERENCES "Trial"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT "Checkpoint_kind_check" CHECK ("kind" IN ('resume', 'backbone', 'adapter'))
);
CREATE UNIQUE INDEX "Checkpoint_trialId_kind_step_key" ON "Checkpoint"("trialId", "kind", "step");

CREATE TABLE "Metric" (
  "trialId" UUID NOT NULL,
  "name" TEXT NOT NULL,
  "split" TEXT NOT NULL,
  "step" INTEGER NOT NULL,
  "value" DOUBLE PRECISION NOT NULL,
  CONSTRAINT "Metric_pkey" PRIMARY KEY ("trialId", "name", "split", "step")
);

CREATE TABLE "Worker" (
  "id" TEXT NOT NULL,
  "slots" INTEGER NOT NULL,
  "device" TEXT NOT NULL,
  "seenAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "Worker_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Event" (
  "id" BIGSERIAL NOT NULL,
  "experimentId" UUID,
  "trialId" UUID,
  "payload" JSONB NOT NULL,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "Event_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "Event_trialId_id_idx" ON "Event"("trialId", "id");
CREATE INDEX "Event_experimentId_id_idx" ON "Event"("experimentId", "id");
