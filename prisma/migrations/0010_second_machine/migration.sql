-- Workers say where they run, what they are and what they show to the API.
ALTER TABLE "Worker"
  ADD COLUMN "host" TEXT,
  ADD COLUMN "labels" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
  ADD COLUMN "version" TEXT,
  ADD COLUMN "startedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  ADD COLUMN "draining" BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN "tokenDigest" TEXT,
  ADD COLUMN "joinId" UUID;
CREATE UNIQUE INDEX "Worker_tokenDigest_key" ON "Worker" ("tokenDigest");

-- Where the API keeps artifacts: at most one row.
CREATE TABLE "ArtifactStore" (
  "one" BOOLEAN NOT NULL DEFAULT true CHECK ("one"),
  "identity" TEXT NOT NULL,
  "address" TEXT,
  "apiUrl" TEXT NOT NULL,
  "version" TEXT NOT NULL,
  "recordedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  CONSTRAINT "ArtifactStore_pkey" PRIMARY KEY ("one")
);

-- Links with which machines join.
CREATE TABLE "JoinLink" (
  "id" UUID NOT NULL,
  "digest" TEXT NOT NULL,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  "expiresAt" TIMESTAMPTZ(3) NOT NULL,
  "revokedAt" TIMESTAMPTZ(3),
  "uses" INTEGER NOT NULL DEFAULT 0,
  CONSTRAINT "JoinLink_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "JoinLink_digest_key" ON "JoinLink" ("digest");
