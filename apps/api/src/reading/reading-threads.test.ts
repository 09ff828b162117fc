import { GridError } from '#planner/grid-error.js';
import { Refused } from '../refused.js';
import type { SubmittedText } from './messages.js';
import { type ReadLimits, ReadingThreads } from './reading-threads.js';

const opened: ReadingThreads[] = [];
afterEach(() => Promise.all(opened.splice(0).map((threads) => threads.stop())));

function open(limits: Partial<ReadLimits> = {}): ReadingThreads {
  const threads = new ReadingThreads(limits);
  opened.push(threads);
  return threads;
}

const waits = new AbortController().signal;
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const base = {
  backbone: { name: 'minilm-l6' },
  task: { name: 'wordnet-supersense' },
  method: { name: 'prompt-tuning' },
};

function sized(steps: number, more: object = {}): SubmittedText {
  const grid = {
    name: 'g',
    ...base,
    grid: { 'method.length': upTo(10), 'training.steps': upTo(steps), seed: upTo(10) },
    ...more,
  };
  return { type: 'json', text: JSON.stringify({ name: 'x', grids: [grid] }) };
}

const small: SubmittedText = {
  type: 'yaml',
  text: 'name: s\nbackbone: { name: minilm-l6 }\ntask: { name: wordnet-supersense }\nmethod: { name: head }\n',
};

it('gives the request and every cell, in order', async () => {
  const { request, resolved } = await open().read(sized(7), waits);
  const { cells, grids } = resolved;
  expect(grids).toEqual([{ name: 'g', rules: [], requires: [] }]);
  expect([request.name, cells.length]).toEqual(['x', 700]);
  expect(cells.map((c) => c.index)).toEqual(upTo(700).map((n) => n - 1));
  expect(cells[11]).toMatchObject({
    point: { 'method.length': 1, 'training.steps': 2, seed: 2 },
    config: { seed: 2 },
  });
}, 60_000);

it('says what is wrong as it is said without a thread', async () => {
  const threads = open({ threads: 1 });
  await expect(threads.read({ ...small, text: 'name: [' }, waits)).rejects.toBeInstanceOf(GridError);
  await expect(threads.read({ ...small, text: 'name: x' }, waits)).rejects.toThrow(/backbone/);
  expect((await threads.read(small, waits)).resolved.cells).toHaveLength(1);
}, 60_000);

it('ends what takes too long, what needs too much memory, and what nobody waits for, and goes on', async () => {
  const slow = open({ threads: 1, seconds: 0.2 });
  await expect(slow.read(sized(900), waits)).rejects.toMatchObject({
    status: 400,
    issues: [{ message: expect.stringMatching(/took more than 0.2 s/) as string }],
  });
  const narrow = open({ threads: 1, megabytes: 48 });
  await expect(narrow.read(sized(900), waits)).rejects.toMatchObject({
    status: 400,
    issues: [{ message: expect.stringMatching(/needs more than 48 MB/) as string }],
  });
  expect((await narrow.read(small, waits)).resolved.cells).toHaveLength(1);
  const left = open({ threads: 1 });
  const gone = new AbortController();
  const read = left.read(sized(900), gone.signal);
  gone.abort();
  await expect(read).rejects.toMatchObject({ status: 499 });
  expect((await left.read(small, waits)).resolved.cells).toHaveLength(1);
}, 120_000);

it('keeps so many waiting, and refuses more', async () => {
  const threads = open({ threads: 1, waiting: 2 });
  const outcomes = upTo(5).map(() =>
    threads.read(small, waits).then(
      ({ resolved }) => resolved.cells.length,
      (e: unknown) => (e as Refused).status,
    ),
  );
  expect((await Promise.all(outcomes)).toSorted()).toEqual([1, 1, 1, 503, 503]);
}, 60_000);
