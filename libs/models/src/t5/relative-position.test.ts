import { readFixture } from '../fixtures/reference.js';
import { relativeBucket } from './relative-position.js';

interface Buckets {
  bidirectional: boolean;
  buckets: number;
  maxDistance: number;
  ids: number[];
}

it.each(readFixture<Buckets[]>('buckets.json'))(
  "puts distances into transformers' buckets: $buckets up to $maxDistance, both ways: $bidirectional",
  ({ bidirectional, buckets, maxDistance, ids }) => {
    expect(ids.map((_, i) => relativeBucket(i - 200, bidirectional, buckets, maxDistance))).toEqual(ids);
  },
);
