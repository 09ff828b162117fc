import * as tf from '@tensorflow/tfjs';
import { fixtureFolder } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import { shapeOf } from '#planner/budget/backbone-sizes.js';
import { compareCounts } from './support/budget-counts.js';

beforeAll(() => tf.setBackend('cpu'));

/** A backbone of each family that the planner knows by name. */
const named = { bert: 'minilm-l6', mpnet: 'mpnet-base', llama: 'smollm2-135m', 't5-v1.1': 't5-nano' };

it.each(Object.entries(named))('counts what methods train on a %s', async (family, name) => {
  const model = await loadModel(fixtureFolder(family));
  const { attentions, linears } = model.modules;
  const on = {
    ...shapeOf(name)!,
    layers: 1 + Math.max(...linears.map((m) => m.layer)),
    maps: linears,
    width: model.dModel,
    keyValues: attentions[0]!.heads * attentions[0]!.dHead,
  };
  expect(compareCounts(model, on)).toBeGreaterThan(10);
  model.dispose();
});
