-- A cell's place among all cells of its experiment, grid by grid in the order of the file: pages follow it.
ALTER TABLE "Cell" ADD COLUMN "position" INTEGER;
UPDATE "Cell" c SET "position" = placed.position FROM (
  SELECT id, row_number() OVER (PARTITION BY "experimentId" ORDER BY first, grid, index) - 1 AS position FROM (
    SELECT id, "experimentId", grid, index, min(ctid) OVER (PARTITION BY "experimentId", grid) AS first FROM "Cell"
  ) grids
) placed WHERE placed.id = c.id;
ALTER TABLE "Cell" ALTER COLUMN "position" SET NOT NULL;
CREATE UNIQUE INDEX "Cell_experimentId_position_key" ON "Cell"("experimentId", "position");
