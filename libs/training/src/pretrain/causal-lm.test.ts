import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AdaptConfig, PretrainConfig } from '#contracts/trial.js';
import { startEngine } from '#engine/native/start.js';
import { fixtureFolder } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import type { DecoderModel } from '#models/model.js';
import { checkpointOf, curveOf, folder, host, outcomeOf, removeToys, toyMember } from '../fixtures/toy.js';
import { causalLm } from './objective.js';

const text = join(folder, 'packed.txt');
const lines = Array.from(
  { length: 60 },
  (_, i) => `the cat sat on a mat the dog ran ${'a cat '.repeat(i % 9)}`,
);
writeFileSync(text, lines.join('\n'));
const stage = {
  corpus: { sources: [{ path: text }] },
  batch: 4,
  length: 16,
  optimizer: { name: 'adamw', learningRate: 0.02 },
};
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

beforeAll(async () => {
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
});
afterAll(removeToys);

it('packs documents end to end, with each token to be said behind those in front of it', async () => {
  const model = (await loadModel(fixtureFolder('gpt2'))) as DecoderModel;
  const documents = ['the cat sat', 'a dog ran on the mat', 'mat'];
  const source = causalLm({ length: 4 }, model, documents, 1);
  const tokens = Array.from({ length: 12 }, () => source.next()).flatMap(({ inputs, targets }) => {
    expect(inputs).toHaveLength(4);
    expect(inputs.slice(1)).toEqual(targets.slice(0, -1));
    return [...inputs, targets.at(-1)!];
  });
  const ended = documents.map((d) => [...model.tokenizer.encodePlain(d), model.endId].join());
  // prettier-ignore
  const found = tokens.join().split(`,${model.endId},`).map((ids) => `${ids},${model.endId}`);
  for (const document of found.slice(0, 6)) expect(ended).toContain(document);
  expect(new Set(found.slice(0, 3)).size).toBe(3); // an epoch has each once
  expect(() => causalLm({ length: 25 }, model, documents, 1)).toThrow(
    /length is 25, and the model has 24 positions/,
  );
  model.dispose();
});

it.each(['gpt2', 'llama'])(
  'adapts %s to a text, and goes on from a resume state bit for bit',
  async (family) => {
    const config = AdaptConfig.parse({
      stage: 'adapt',
      backbone: { folder: fixtureFolder(family) },
      adapt: { ...stage, steps: 30 },
      checkpoints: [20, 30],
    });
    host.resumeEvery = 0;
    try {
      const whole = toyMember(config);
      const first = await outcomeOf([whole]);
      expect(first.verdicts[0]).toMatchObject({ verdict: 'succeeded', summary: { reportBy: 'loss' } });
      const curve = curveOf(first, whole);
      expect(curve.at(-1)).toBeLessThan(0.7 * curve[0]!);
      const resumed = toyMember(config, checkpointOf(first, whole, 'resume', 15));
      expect(curveOf(await outcomeOf([resumed]), resumed)).toEqual(curve.slice(1));
      (await loadModel(checkpointOf(first, whole, 'backbone', 20))).dispose();
    } finally {
      delete host.resumeEvery;
    }
  },
  60_000,
);

it.each([
  { family: 'gpt2', dModel: 16, layers: 2, heads: 2, positions: 24 },
  { family: 'llama', dModel: 16, dFf: 24, layers: 2, heads: 4, kvHeads: 2, positions: 24, tiedHead: false },
])(
  'pretrains a $family from random weights, with the tokenizer of a T5',
  async (size) => {
    const pretrain = { ...stage, size, tokenizer: fixtureFolder('t5-v1.1'), steps: 20 };
    const member = toyMember(PretrainConfig.parse({ stage: 'pretrain', pretrain, checkpoints: [20] }));
    const outcome = await outcomeOf([member]);
    expect(outcome.verdicts[0]).toMatchObject({ verdict: 'succeeded' });
    const model = (await loadModel(checkpointOf(outcome, member, 'backbone', 20))) as DecoderModel;
    expect([model.kind, model.family, model.maxPositions]).toEqual(['decoder', size.family, 24]);
    expect(model.endId).toBe(model.tokenizer.idOf('</s>'));
    const curve = curveOf(outcome, member);
    // the first ten steps begin at the loss of a guess among all tokens
    expect(mean(curve.slice(0, 1))).toBeLessThan(Math.log(model.vocabularySize) + 0.2);
    expect(curve.at(-1)).toBeLessThan(curve[0]!);
    model.dispose();
  },
  60_000,
);

it('calls an encoder, and text longer than the positions, invalid', async () => {
  const config = (family: string, length: number) =>
    AdaptConfig.parse({
      stage: 'adapt',
      backbone: { folder: fixtureFolder(family) },
      adapt: { ...stage, length, steps: 2 },
      checkpoints: [2],
    });
  for (const [given, message] of [
    [config('bert', 16), /needs a backbone that writes text, and this one is an encoder/],
    [config('gpt2', 64), /length is 64, and the model has 24 positions/],
  ] as const) {
    const { verdicts } = await outcomeOf([toyMember(given)]);
    expect(verdicts[0]).toMatchObject({
      cause: 'invalid',
      message: expect.stringMatching(message) as string,
    });
  }
});
