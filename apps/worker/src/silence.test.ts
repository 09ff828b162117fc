import { type Patience, Silence } from './silence.js';
import type { TrainEvent } from '#contracts/trainer-messages.js';

const at = (note: string, loading?: true): TrainEvent => ({
  type: 'progress',
  attemptId: 'a',
  step: 3,
  steps: 9,
  note,
  ...(loading && { loading }),
});

function watched(
  patience: Patience,
  bytes = 0,
): { silence: Silence; expired: Promise<string>; said: string[] } {
  const said: string[] = [];
  let resolve: (sentence: string) => void;
  const expired = new Promise<string>((done) => (resolve = done));
  const silence = new Silence(patience, bytes, (sentence) => {
    said.push(sentence);
    resolve(sentence);
  });
  return { silence, expired, said };
}

const block = (ms: number): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

it('says where a trainer fell silent, once', async () => {
  const { silence, expired } = watched({ loadMs: 60_000, stepMs: 200 });
  silence.hear(at('training'));
  expect(await expired).toMatch(
    /^the trainer hung: it was silent for [\d.]+ s after "training" at step 3 of 9, where 0\.2 s were allowed$/,
  );
});

it('counts no time in which this process was stopped', async () => {
  const { silence, expired, said } = watched({ loadMs: 400, stepMs: 400 });
  block(1_200);
  await new Promise((resolve) => setTimeout(resolve, 0));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(said).toEqual([]);
  await expired;
  silence.end();
});

it('allows more for what reads much, is held, or was measured to take long', async () => {
  const { silence } = watched({ loadMs: 1_000, stepMs: 300 }, 1e6);
  expect(silence.limitMs).toBe(3_000); // 500 bytes a millisecond
  await new Promise((resolve) => setTimeout(resolve, 150));
  silence.hear(at('compiling', true));
  silence.hear(at('training'));
  expect(silence.limitMs).toBeGreaterThanOrEqual(400); // four times what it took to start
  await new Promise((resolve) => setTimeout(resolve, 150));
  silence.hear(at('training'));
  expect(silence.limitMs).toBeGreaterThanOrEqual(1_600); // twenty times what the step took
  silence.end();
});
