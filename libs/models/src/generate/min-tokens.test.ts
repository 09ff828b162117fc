import * as tf from '@tensorflow/tfjs';
import { startEngine } from '#engine/native/start.js';
import { batchOf, fixtureFolder, type Generations, readFixture } from '../fixtures/reference.js';
import { written } from '../fixtures/written.js';
import { loadModel } from '../load-model.js';
import type { DecoderModel, EncoderDecoderModel } from '../model.js';
import type { GenerateOptions } from './options.js';

type Run = GenerateOptions & { ids: number[][] };

const runs = readFixture<Record<string, Run[]>>('min-tokens.json');
const cases = Object.entries(runs).flatMap(([name, own]) => own.map((run) => ({ name, ...run })));

beforeAll(() => startEngine({ threads: 2, device: 'cpu' }));

function batch(name: string) {
  const { generationIds: ids } = readFixture<Generations>(`${name}/expected.json`);
  return batchOf({ ids, mask: ids.map((row) => row.map((id) => Number(id !== 0))) });
}

it.each(cases)(
  'ends no text before $minTokens tokens, as transformers: $name, $beams beams, n-gram $noRepeatNgram',
  async ({ name, ids, ...options }) => {
    const model = (await loadModel(fixtureFolder(name))) as DecoderModel | EncoderDecoderModel;
    expect(written(model, batch(name), options)).toEqual(ids);
    model.dispose();
  },
);

it('draws the same for a row wherever it stands, by its stream', async () => {
  const model = (await loadModel(fixtureFolder('gpt2'))) as DecoderModel;
  const options = {
    maxTokens: 6,
    beams: 1,
    lengthPenalty: 1,
    sampling: { seed: 3, temperature: 2, topK: 0, topP: 1 },
  };
  const rows = batch('gpt2');
  const streams = Array.from({ length: rows.ids.shape[0] }, (_, i) => `example ${i}`);
  const whole = written(model, rows, { ...options, streams });
  const turned = { ids: tf.reverse(rows.ids, 0), mask: tf.reverse(rows.mask, 0) };
  expect(written(model, turned, { ...options, streams: streams.toReversed() })).toEqual(whole.toReversed());
  expect(written(model, turned, options)).not.toEqual(whole.toReversed());
  model.dispose();
});
