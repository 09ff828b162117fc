import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Closeness, distances, nearest, type Neighbour, type Vectors } from './nearest.js';

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
  cases: { by: Closeness; without: number[]; before: Found; after: Found; moved: number[] }[];
}

const fixture = JSON.parse(readFileSync(join(__dirname, 'fixtures/neighbours.json'), 'utf8')) as Fixture;
const { width, k } = fixture;
const vectors = (values: number[]): Vectors => ({ values: Float32Array.from(values), width });
const [table, before, after] = [fixture.table, fixture.before, fixture.after].map(vectors) as [
  Vectors,
  Vectors,
  Vectors,
];

describe.each(fixture.cases)('by $by, without $without', ({ by, without, ...expected }) => {
  it.each([
    ['before', before],
    ['after', after],
  ] as const)('are the rows that numpy finds: %s', (when, of) => {
    const found = nearest(of, table, { k, by, without: new Set(without) });
    expect(found.map((row) => row.map((n) => n.id))).toEqual(expected[when].ids);
    const values = (rows: Neighbour[][]) => rows.flatMap((row) => row.map((n) => n.value));
    values(found).forEach((value, i) => expect(value).toBeCloseTo(expected[when].values.flat()[i]!, 6));
  });

  it('lie as far from where they began as numpy says', () => {
    distances(before, after, by).forEach((d, i) => expect(d).toBeCloseTo(expected.moved[i]!, 6));
  });
});

it('finds a row itself first', () => {
  const found = nearest(table, table, { k: 1, by: 'cosine' });
  expect(found.map(([n]) => n!.id)).toEqual(found.map((_, id) => id));
  expect(nearest(table, table, { k: 1, by: 'euclidean' }).every(([n]) => n!.value === 0)).toBe(true);
});

it('refuses other widths, and more neighbours than there are', () => {
  const other = { values: new Float32Array(8), width: 4 };
  expect(() => nearest(other, table, { k, by: 'dot' })).toThrow(
    "vectors are of width 4, and the table's of 9",
  );
  expect(() => distances(before, other, 'dot')).toThrow(
    'vectors of [7, 9] and [2, 4] are not row by row of one shape',
  );
  expect(() => nearest(before, table, { k: 60, by: 'dot', without: new Set([1]) })).toThrow(
    'k is 60; expected 1 to 59',
  );
  expect(() => nearest(before, table, { k: 0, by: 'dot' })).toThrow('k is 0; expected 1 to 60');
});
