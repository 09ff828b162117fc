import { type FamilyShape, familyShapes } from './method-shapes.js';

/** What `bench generate` times: three shapes, each with two batches, greedily and with beams. */
export interface GenerateRow {
  family: keyof typeof shapes;
  method: string; // "8 greedy", "32 beams"
  shape: FamilyShape;
  batch: number;
  beams: number;
}

const shapes = {
  t5: familyShapes.t5,
  gpt2: familyShapes.gpt2,
  smollm2: { ...familyShapes.llama, layers: 30 }, // SmolLM2-135M's, with random weights
} as const satisfies Record<string, FamilyShape>;

export const generateRows = (): GenerateRow[] =>
  Object.entries(shapes).flatMap(([family, shape]) =>
    [8, 32].flatMap((batch) =>
      [1, 4].map((beams) => ({
        family: family as GenerateRow['family'],
        method: `${batch}-${beams === 1 ? 'greedy' : 'beams'}`,
        shape,
        batch,
        beams,
      })),
    ),
  );
