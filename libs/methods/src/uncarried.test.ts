import * as tf from '@tensorflow/tfjs';
import { families } from '#contracts/family.js';
import { Method } from '#contracts/method.js';
import { uncarried } from '#contracts/uncarried.js';
import { fixtureFolder } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { methodNames, methodOf } from './table.js';

const knobs: object[] = [
  ...methodNames.map((name) => ({ name, ...(name === 'top-layers' && { layers: 1 }), ...ranks(name) })),
  { name: 'unipelt', gates: false, rank: 2 },
  { name: 'prompt-tuning', place: 'encoder-and-decoder', length: 2 },
  { name: 'adapter', trainNorms: true },
  { name: 'adalora', rank: 2, targetRank: 3 },
  ...[
    { places: ['encoder'] },
    { places: ['cross'] },
    { position: 'infix' },
    { relativePositions: true },
    { words: 'a' },
  ].map((own) => ({ name: 'prefix-tuning', length: 2, ...own })),
];

/** Prompts and ranks that the small models have room for. */
function ranks(name: string): object {
  const sizes: Record<string, object> = {
    adalora: { rank: 3, targetRank: 2 },
    qlora: { rank: 2 },
    mam: { length: 2 },
  };
  if (['prompt-tuning', 'prefix-tuning', 'p-tuning', 'p-tuning-v2'].includes(name)) return { length: 2 };
  return ['lora', 'dora', 'unipelt'].includes(name)
    ? { rank: 2, ...(name === 'unipelt' && { length: 2 }) }
    : (sizes[name] ?? {});
}

const folders = {
  bert: 'bert',
  roberta: 'roberta',
  mpnet: 'mpnet',
  t5: 't5-v1.1',
  bart: 'bart',
  gpt2: 'gpt2',
  llama: 'llama',
};

describe.each(Object.keys(families) as (keyof typeof families)[])('what %s carries', (family) => {
  let model: Model;
  beforeAll(async () => {
    await tf.setBackend('cpu');
    model = await loadModel(fixtureFolder(folders[family]));
  });
  afterAll(() => model.dispose());

  it('is what the model has', () => {
    const { kind, attentions, biases, layerNorms } = families[family];
    const { linears, norms, attentions: own } = model.modules;
    expect(model.kind).toBe(kind);
    expect(new Set(own.map((a) => (a.kind === 'cross' ? 'cross' : a.stack)))).toEqual(new Set(attentions));
    expect(linears.some((map) => map.bias)).toBe(biases);
    expect(norms.length > 0).toBe(layerNorms);
  });

  it.each(knobs.map((own) => ({ own, title: JSON.stringify(own) })))(
    'is refused before and after loading: $title',
    ({ own }) => {
      const method = Method.parse(own);
      const check = () => methodOf(method).check(method, model);
      if (uncarried(method, family, 'it')) expect(check).toThrow('method');
      else expect(check).not.toThrow();
    },
  );
});
