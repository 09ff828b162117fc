-- A trial may start from what another trial of its method ended with, not only from a backbone's weights.
ALTER TABLE "Dependency" ADD COLUMN "kind" TEXT NOT NULL DEFAULT 'backbone';
