import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Prediction } from './predictions.js';
import { DamagedPredictions, openPredictions } from './read-predictions.js';

const head = { task: 't', kind: 'class', labels: ['bad', 'good'], hash: 'h' };
const example = {
  split: 'test',
  id: '1',
  input: ['a\n“b”'],
  answer: { label: 1 },
  said: { label: null, scores: [0.1, null], text: 'x' },
};
const tags = { before: [], words: ['a', 'b'], tags: [0, 1], lost: 0 };

const jsonLines = (...values: unknown[]): string => values.map((v) => `${JSON.stringify(v)}\n`).join('');

/** The bytes in pieces of `size`, so that lines and characters are cut anywhere. */
function streamed(bytes: Uint8Array, size = 7): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, (at += size)));
    },
  });
}

async function read(bytes: Uint8Array): Promise<Prediction[]> {
  const { predictions } = await openPredictions(streamed(bytes));
  const all: Prediction[] = [];
  for await (const prediction of predictions) all.push(prediction);
  return all;
}

it('gives head and examples, however the bytes arrive', async () => {
  const { head: found, predictions } = await openPredictions(
    streamed(gzipSync(jsonLines(head, example, { ...example, group: 'q' })), 1),
  );
  expect(found).toEqual(head);
  expect((await predictions.next()).value).toEqual({ ...example, kind: 'class' });
  expect((await predictions.next()).value).toEqual({ ...example, kind: 'class', group: 'q' });
  expect((await predictions.next()).done).toBe(true);
});

it('reads words with their tags', async () => {
  const line = { split: 'validation', id: '1', input: ['a b'], answer: tags, said: { tags: [null, 1] } };
  expect(await read(gzipSync(jsonLines({ ...head, kind: 'tags' }, line)))).toEqual([
    { ...line, kind: 'tags' },
  ]);
});

it('reads the files of before inputs had segments', async () => {
  const [found] = await read(gzipSync(jsonLines(head, { ...example, input: 'one text' })));
  expect(found!.input).toEqual(['one text']);
});

it('may be left before its end', async () => {
  const bytes = gzipSync(
    jsonLines(
      head,
      ...Array.from({ length: 20_000 }, () => ({ ...example, id: randomBytes(8).toString('hex') })),
    ),
  );
  let at = 0;
  let cancel!: () => void;
  const cancelled = new Promise<void>((resolve) => (cancel = resolve));
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    await new Promise(setImmediate); // as bytes come from a disk or a network
    controller.enqueue(bytes.subarray(at, (at += 1000)));
  };
  const { predictions } = await openPredictions(new ReadableStream({ pull, cancel }));
  await predictions.next();
  await predictions.return();
  await cancelled;
  expect(at).toBeLessThan(bytes.length);
});

const whole = gzipSync(jsonLines(head, example));

it.each<[string, Uint8Array, RegExp]>([
  ['nothing', gzipSync(''), /^line 1: the file is empty/],
  ['no gzip', Buffer.from('{}\n'), /^line 1: what follows can not be unpacked/],
  ['a part of the gzip', whole.subarray(0, whole.length - 9), /can not be unpacked/],
  ['a part of a line', gzipSync(jsonLines(head, example).slice(0, -1)), /^line 2: it has no end; the file was cut/],
  ['no JSON', gzipSync(`${jsonLines(head)}{"a\n`), /^line 2: it is no JSON/],
  ['no UTF-8', gzipSync(Buffer.concat([Buffer.from(jsonLines(head)), Buffer.from([0xff, 10])])), /^line [12]: .*unpacked/],
  ['no head', gzipSync(jsonLines(example)), /^line 1: task: /],
  ['an unknown kind', gzipSync(jsonLines({ ...head, kind: 'odd' })), /^line 1: kind: /],
  ['another kind’s answer', gzipSync(jsonLines(head, example, { ...example, answer: tags })), /^line 3: answer.label: /],
  ['another split', gzipSync(jsonLines(head, { ...example, split: 'train' })), /^line 2: split: /],
  ['a label that is none', gzipSync(jsonLines(head, { ...example, answer: { label: 2 } })), /^line 2: there is no label 2; the head has 2/],
  ['a negative label', gzipSync(jsonLines(head, { ...example, said: { label: -1 } })), /^line 2: there is no label -1/],
])('of %s names the line', async (_, bytes, message) => {
  const error = await read(bytes).then(
    () => null,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(DamagedPredictions);
  expect((error as Error).message).toMatch(message);
}); // prettier-ignore
