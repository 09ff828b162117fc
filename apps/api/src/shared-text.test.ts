import { constants, gunzipSync } from 'node:zlib';
import { gzipHead, SharedText, takesGzip } from './shared-text.js';

it('is read back from a gzip stream after any others, in which it may stand again', () => {
  const texts = ['a'.repeat(5_000), 'data: {"id":1}\n\n', ':\n\n'].map((text) => new SharedText(text));
  const [long, frame, beat] = texts as [SharedText, SharedText, SharedText];
  const told = [frame, long, beat, frame, long, long];
  const stream = Buffer.concat([gzipHead, ...told.map((text) => text.gzipped)]);
  const read = gunzipSync(stream, { finishFlush: constants.Z_SYNC_FLUSH });
  expect(read.toString()).toBe(told.map((text) => text.plain.toString()).join(''));
  expect(long.gzipped.length).toBeLessThan(200);
});

it.each([
  [undefined, false],
  ['', false],
  ['identity', false],
  ['gzip', true],
  ['gzip, deflate, br', true],
  ['br;q=1.0, gzip;q=0.8, *;q=0.1', true],
  ['gzip;q=0', false],
  ['gzip;q=0.0, br', false],
  ['x-gzipped', false],
])('takes Accept-Encoding %s for gzip: %s', (accepted, taken) => {
  expect(takesGzip(accepted)).toBe(taken);
});
