import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { Closeness } from '#contracts/neighbours.js';
import { distances, nearestRows, type Neighbour, type Vectors } from './nearest-rows.js';

interface Found {
  ids: number[][];
  values: number[][];
}
interface Fixture {
  width: number;
  k: number;
  table: number[];
  before: number[];
  after: number[];
  cases: { by: Closeness; before: Found; after: Found; moved: number[] }[];
}

const fixture = JSON.parse(readFileSync(join(__dirname, 'fixtures/neighbours.json'), 'utf8')) as Fixture;
const { width, k } = fixture;
const vectors = (values: number[]): Vectors => ({ values: Float32Array.from(values), width });
const [before, after] = [fixture.before, fixture.after].map(vectors) as [Vectors, Vectors];
const rows = fixture.table.length / width;
let table: tf.Tensor2D;

beforeAll(async () => {
  await tf.setBackend('cpu');
  table = tf.tensor2d(fixture.table, [rows, width]);
});
afterAll(() => table.dispose());

describe.each(fixture.cases)('by $by', ({ by, ...expected }) => {
  it.each([
    ['before', before],
    ['after', after],
  ] as const)('are the rows that numpy finds: %s', (when, of) => {
    const found = nearestRows(of, table, k)[by];
    expect(found.map((row) => row.map((n) => n.id))).toEqual(expected[when].ids);
    const values = (all: Neighbour[][]) => all.flatMap((row) => row.map((n) => n.value));
    values(found).forEach((value, i) => expect(value).toBeCloseTo(expected[when].values.flat()[i]!, 6));
  });

  it('lie as far from where they began as numpy says', () => {
    distances(before, after, by).forEach((d, i) => expect(d).toBeCloseTo(expected.moved[i]!, 6));
  });
});

it('finds a row itself first, at no distance', () => {
  const tensors = tf.memory().numTensors;
  const { cosine, euclidean } = nearestRows(vectors(fixture.table), table, 1);
  expect(tf.memory().numTensors).toBe(tensors);
  expect(cosine.map(([n]) => n!.id)).toEqual(cosine.map((_, id) => id));
  expect(euclidean.every(([n]) => n!.value === 0)).toBe(true);
});

it('refuses other widths, and more neighbours than there are', () => {
  const other = { values: new Float32Array(8), width: 4 };
  expect(() => nearestRows(other, table, k)).toThrow("vectors are of width 4, and the table's of 9");
  expect(() => distances(before, other, 'dot')).toThrow(
    'vectors of [7, 9] and [2, 4] are not row by row of one shape',
  );
  expect(() => nearestRows(before, table, rows + 1)).toThrow('k is 61; expected 1 to 60');
  expect(() => nearestRows(before, table, 0)).toThrow('k is 0; expected 1 to 60');
});
