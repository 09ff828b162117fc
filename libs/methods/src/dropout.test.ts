import * as tf from '@tensorflow/tfjs';
import { Method } from '#contracts/method.js';
import { startEngine } from '#engine/native/start.js';
import { batchOf, fixtureFolder, gap } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { labels, moved, stackedOf, texts } from './fixtures/forward.js';
import { methodOf } from './table.js';

let model: Model;
beforeAll(async () => {
  await startEngine({ threads: 2, device: 'cpu' });
  model = await loadModel(fixtureFolder('bert'));
});
afterAll(() => model.dispose());

it.each(['lora', 'dora', 'qlora'])('%s drops while training only, by seeds, a member by its own', (name) => {
  const [dropping, plain] = [0.5, 0].map((dropout) => Method.parse({ name, rank: 2, dropout }));
  const method = methodOf(plain!);
  tf.tidy(() => {
    const own = moved(method.init(plain!, model, labels, 1), 2);
    const frozen = method.freeze?.(plain!, model) ?? model.weights;
    const states = (config: Method, seeds?: number[][]) => {
      const members = seeds?.length ?? 1;
      const all = {
        configs: Array<Method>(members).fill(config),
        members: Array<typeof own>(members).fill(own),
      };
      const { parameters, constants } = stackedOf(method, { model, ...all });
      const draws = seeds && { seeds: tf.tensor2d(seeds, [members, 2], 'int32') };
      const pass = { config, model, frozen, parameters, constants, members, ...(draws && { draws }) };
      const batch = batchOf({
        ids: Array.from({ length: members }, () => texts.ids).flat(),
        mask: Array.from({ length: members }, () => texts.mask).flat(),
      });
      const encoded = model.encode(method.weights(frozen, parameters, config), batch, method.adapt(pass));
      return tf.split(encoded.states, members).map((t) => Array.from(t.dataSync()));
    };
    const apart = (a: number[], b: number[]) => gap(tf.tensor1d(a), b);
    const [whole] = states(plain!) as [number[]];
    expect(apart(states(dropping!)[0]!, whole)).toBe(0); // no seeds: scoring
    const [first] = states(dropping!, [[1, 4]]) as [number[]];
    expect(apart(first, whole)).toBeGreaterThan(1e-2);
    expect(apart(states(dropping!, [[1, 4]])[0]!, first)).toBe(0);
    expect(apart(states(dropping!, [[1, 5]])[0]!, first)).toBeGreaterThan(1e-2);
    const gang = states(dropping!, [[2, 4], [1, 4]]); // prettier-ignore
    expect(apart(gang[1]!, first)).toBeLessThan(1e-5);
    expect(apart(gang[0]!, first)).toBeGreaterThan(1e-2);
  });
});
