import { Method } from '#contracts/method.js';
import { countOf } from '#methods/members/shapes.js';
import { methodOf } from '#methods/table.js';
import type { Model } from '#models/model.js';
import type { BackboneShape } from '#planner/budget/backbone-sizes.js';
import { sized } from '#planner/budget/counts.js';

const methods = [
  { name: 'prompt-tuning', length: 3 },
  { name: 'prompt-tuning', length: 3, place: 'encoder-and-decoder' },
  { name: 'prefix-tuning', length: 3 },
  { name: 'prefix-tuning', length: 3, hidden: null },
  { name: 'prefix-tuning', length: 3, depth: 'embedding-only', hidden: null },
  { name: 'prefix-tuning', length: 3, position: 'infix', hidden: 5 },
  { name: 'prefix-tuning', length: 3, places: ['decoder'], hidden: null },
  { name: 'p-tuning-v2', length: 3 },
  { name: 'p-tuning-v2', length: 3, layers: [1, 1], hidden: 4 },
  { name: 'lora', rank: 3 },
  { name: 'lora', rank: 3, targets: ['o', 'output.dense', 'down_proj'] },
  { name: 'dora', rank: 3 },
  { name: 'qlora', rank: 3 },
  { name: 'adalora', rank: 9 },
  { name: 'vera', rank: 3 },
  { name: 'adapter', bottleneck: 3 },
  { name: 'adapter', bottleneck: 3, kind: 'pfeiffer' },
  { name: 'adapter', bottleneck: 3, kind: 'parallel', trainNorms: true },
];

const counted = (method: Method, on: BackboneShape): number =>
  (sized[method.name] as { count(method: Method, on: BackboneShape): number }).count(method, on);

/** Holds what the planner counts without a model to what methods train, of every method that the model
 *  carries. Gives their number. */
export function compareCounts(model: Model, on: BackboneShape): number {
  let compared = 0;
  for (const given of methods) {
    const config = Method.parse(given);
    const method = methodOf(config);
    try {
      method.check(config, model);
    } catch {
      continue;
    }
    expect([given, counted(config, on)]).toEqual([
      given,
      countOf(method.shapes(config, model, { words: [] })),
    ]);
    compared++;
  }
  return compared;
}
