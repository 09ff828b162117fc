/** What the virtual tokens of a trained prompt are near to in the vocabulary (Lester et al. 2021 §7), as the
 *  trainer keeps it and as it is shown. */
import { z } from 'zod';
import { wholeNumber } from './query-values.js';

/** One file a trial: JSON, gzip. */
export const neighboursFile = 'neighbours.json.gz';

export const Closeness = z.enum(['cosine', 'dot', 'euclidean']);
export type Closeness = z.infer<typeof Closeness>;

/** Nearest tokens that are kept of each position, at most. */
export const mostNeighbours = 50;

/** The nearest tokens of one position, the nearest first. Values are cosines, dot products or distances. */
const Near = z.object({ ids: z.array(z.int()), values: z.array(z.number()) });
export type Near = z.infer<typeof Near>;

/** By one measure. `before` and `after` have an entry a position; `moved` is how far it went meanwhile:
 *  1 - cosine, minus the dot product, or the euclidean distance. */
const Measured = z
  .object({ before: z.array(Near).min(1), after: z.array(Near).min(1), moved: z.array(z.number()) })
  .refine(
    ({ before, after, moved }) => before.length === moved.length && after.length === moved.length,
    'expected as many positions before training as after it',
  );

/** What is kept: enough to answer for any k up to mostNeighbours and any measure without the model. */
export const Neighbours = z.object({
  tokens: z.record(z.string(), z.string()), // as the vocabulary writes them, by id
  labels: z.array(z.object({ label: z.string(), ids: z.array(z.int()) })), // the tokens of each label word
  related: z.array(z.tuple([z.int(), z.int()])), // tokens of one position whose words WordNet relates
  measures: z.object({ cosine: Measured, dot: Measured, euclidean: Measured }),
});
export type Neighbours = z.infer<typeof Neighbours>;

/** What of it is asked for, as a query string says it. */
export const NeighboursQuery = z.strictObject({
  k: wholeNumber(1, mostNeighbours).default(5),
  metric: Closeness.default('cosine'),
});
export type NeighboursQuery = z.infer<typeof NeighboursQuery>;

const Neighbour = z.object({ id: z.int(), token: z.string(), value: z.number() });

/** Words that have something in common: letters, or a relation of WordNet. */
const Cluster = z.object({ words: z.array(z.string()), by: z.array(z.enum(['string', 'wordnet'])) });

/** Where a label's tokens stand among the nearest. Rank 1: the nearest. */
const LabelPlaces = z.object({
  label: z.string(),
  places: z.array(z.object({ position: z.int(), rank: z.int() })),
});

const beforeAndAfter = <T extends z.ZodType>(of: T) => z.object({ before: of, after: of });

export const NeighboursView = z.object({
  k: z.int(),
  metric: Closeness,
  positions: z.array(
    z.object({
      position: z.int(), // from 0
      before: z.array(Neighbour),
      after: z.array(Neighbour),
      moved: z.number(), // the distance from where it began
      clusters: z.array(Cluster), // among its neighbours after training
    }),
  ),
  labels: beforeAndAfter(z.array(LabelPlaces)),
  found: beforeAndAfter(z.int()), // labels that are among the nearest of any position
  shared: beforeAndAfter(z.array(z.array(z.int()))), // positions with the same neighbours, in any order
  meanMoved: z.number(),
});
export type NeighboursView = z.infer<typeof NeighboursView>;
export type LabelPlaces = z.infer<typeof LabelPlaces>;

/** A file of neighbours that is none. */
export class DamagedNeighbours extends Error {
  override name = 'DamagedNeighbours';
}

const mostBytes = 64e6; // unpacked: a prompt of 500 tokens takes a tenth

/** The content of a neighbours file out of its gzip bytes, in Node and in the browser. Throws
 *  DamagedNeighbours. */
export async function readNeighbours(bytes: ReadableStream<Uint8Array>): Promise<Neighbours> {
  const unzipped = bytes.pipeThrough(
    new DecompressionStream('gzip') as unknown as TransformStream<Uint8Array, Uint8Array>,
  );
  try {
    return Neighbours.parse(JSON.parse(await textOf(unzipped)));
  } catch (cause) {
    if (cause instanceof z.ZodError) {
      const { path, message } = cause.issues[0]!;
      throw new DamagedNeighbours(`${path.join('.')}: ${message}`, { cause });
    }
    throw new DamagedNeighbours(`it cannot be read (${(cause as Error).message})`, { cause });
  }
}

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const reader = stream.getReader();
  let [text, read] = ['', 0];
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return text + decoder.decode();
      read += value.length;
      if (read > mostBytes) throw new Error(`it holds more than ${mostBytes} bytes`);
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    await reader.cancel().catch(() => {}); // whoever reads has failed, or has read it all
  }
}
