import * as tf from '@tensorflow/tfjs';
import type { Likelihood } from '#tasks/example.js';
import { type Answerer, answerExamples } from './answer-examples.js';

const count = 100;
const examples = Array.from({ length: count }, (_, i) => ({
  example: { id: `${i}`, input: ['a'], answer: { references: ['b'] } },
  rows: [{ ids: Array.from({ length: 1 + (i % 7) }, () => 1) }],
}));

/** Says the number of each row's ids, and keeps how many rows it was given at once. */
function counting(of: { members: number; fanOut: number; beams: number }) {
  const rows = { reads: [] as number[], writes: [] as number[] };
  const lengths = (batch: Record<string, tf.Tensor>): number[] => {
    const all = Array.from(batch['lengths']!.dataSync());
    batch['lengths']!.dispose();
    return all;
  };
  const answerer: Answerer = {
    members: of.members,
    answers: {
      fanOut: of.fanOut,
      writing: { beams: of.beams, maxTokens: 8, lengthPenalty: 1 },
      said: ([output]) => ({ text: (output as { texts: string[] }).texts[0]! }),
      likelihood: ([scores]): Likelihood => ({ nats: scores![0]!, tokens: 1, bytes: 1 }),
    },
    read: (each) => ({ lengths: tf.tensor1d(each.flat().map(({ ids }) => ids.length)) }),
    score(batch) {
      const scores = Float32Array.from(lengths(batch));
      rows.reads.push(scores.length);
      return { rows: scores.length, scores };
    },
    write(batch) {
      const texts = lengths(batch).map((length) => [String(length)]);
      rows.writes.push(texts.length);
      return texts;
    },
  };
  return { answerer, rows };
}

async function answered(answerer: Answerer) {
  const work = answerExamples(answerer, examples, { said: true, likelihood: true });
  for (;;) {
    const { done, value } = await work.next();
    if (done) return value;
  }
}

it.each([
  { members: 1, fanOut: 8, beams: 1, reads: 8, writes: 64 },
  { members: 1, fanOut: 8, beams: 4, reads: 8, writes: 16 },
  { members: 4, fanOut: 8, beams: 1, reads: 8, writes: 64 },
  { members: 1, fanOut: 1, beams: 4, reads: 64, writes: 16 },
])('writes many texts at once, however few are scored at once: %o', async ({ reads, writes, ...of }) => {
  const { answerer, rows } = counting(of);
  const each = await answered(answerer);
  expect([new Set(rows.reads), new Set(rows.writes)]).toEqual([new Set([reads]), new Set([writes])]);
  const lengths = examples.map(({ rows: [row] }) => row!.ids.length);
  for (const { said, likelihoods } of each) {
    expect(said).toEqual(lengths.map((n) => ({ text: `${n}` })));
    expect(likelihoods.map(({ nats }) => nats)).toEqual(lengths);
  }
  expect(each).toHaveLength(of.members);
});
