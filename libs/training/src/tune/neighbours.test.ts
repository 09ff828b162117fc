import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Closeness, Neighbours, neighboursFile } from '#contracts/neighbours.js';
import { startEngine } from '#engine/native/start.js';
import { fixtureFolder } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import { readSafetensors } from '#models/weights/safetensors.js';
import { checkpointOf, outcomeOf, removeToys, toyConfig, toyMember } from '../fixtures/toy.js';

jest.setTimeout(240_000);
beforeAll(async () => {
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
});
afterAll(removeToys);

const keptIn = (folder: string): Neighbours =>
  Neighbours.parse(JSON.parse(gunzipSync(readFileSync(join(folder, neighboursFile))).toString()));

it.each(['bert', 't5-v1.1', 'gpt2'])(
  'are kept of a prompt on %s, as its table and its file have them',
  async (family) => {
    const method = { name: 'prompt-tuning', length: 3, init: 'class-labels' };
    const members = [1, 2].map((seed) => toyMember(toyConfig(family, method, { seed })));
    const outcome = await outcomeOf(members);
    expect(outcome.verdicts).toMatchObject([{ verdict: 'succeeded' }, { verdict: 'succeeded' }]);
    const model = await loadModel(fixtureFolder(family));
    const table = model.inputEmbedding(model.weights).dataSync();
    const { dModel: width, tokenizer } = model;
    for (const member of members) {
      const kept = keptIn(checkpointOf(outcome, member, 'neighbours'));
      const prompt = readSafetensors(
        join(checkpointOf(outcome, member, 'adapter'), 'adapter_model.safetensors'),
      );
      const rows = prompt.get('prompt_embeddings')!.values as Float32Array;
      for (const [position, { ids, values }] of kept.measures.dot.after.entries()) {
        const dot = (id: number) =>
          Array.from(
            { length: width },
            (_, d) => rows[position * width + d]! * table[id * width + d]!,
          ).reduce((a, b) => a + b, 0);
        const size = Math.min(model.vocabularySize, tokenizer.size);
        const best = Math.max(...Array.from({ length: size }, (_, id) => dot(id)));
        expect(dot(ids[0]!)).toBeCloseTo(best, 5);
        expect(values[0]).toBeCloseTo(best, 5);
      }
      // both labels are words of the vocabulary, and the prompt began as they are
      expect(kept.labels.map(({ label }) => label)).toEqual(['mat', 'ran']);
      expect(kept.measures.cosine.before.slice(0, 2).map((near) => near.ids[0])).toEqual(
        kept.labels.map(({ ids }) => ids[0]),
      );
      expect(kept.measures.euclidean.before[0]!.values[0]).toBe(0);
      expect(kept.measures.euclidean.moved.every((far) => far > 0)).toBe(true);
      for (const by of Closeness.options)
        for (const { ids } of kept.measures[by].after)
          for (const id of ids) expect(kept.tokens[id]).toBe(tokenizer.tokenOf(id));
    }
    model.dispose();
  },
);

it('are kept of what an encoder makes, and not of keys and values', async () => {
  const of = async (method: object) => {
    const member = toyMember(toyConfig('bert', method, { training: { steps: 2 } }));
    return (await outcomeOf([member])).events.filter(
      (e) => e.type === 'checkpoint' && e.kind === 'neighbours',
    ).length;
  };
  expect(await of({ name: 'p-tuning', length: 2 })).toBe(1);
  expect(await of({ name: 'prefix-tuning', length: 2, hidden: 4 })).toBe(0);
  expect(await of({ name: 'p-tuning', length: 2, modelRate: 0.1 })).toBe(0);
});
