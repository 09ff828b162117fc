import { cpSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { Method, type MethodName } from '#contracts/method.js';
import type { Precision } from '#contracts/precision.js';
import type { TuneConfig } from '#contracts/trial.js';
import { changesBackbone } from '#contracts/sharing.js';
import { startEngine } from '#engine/native/start.js';
import { methodOf } from '#methods/table.js';
import { fixtureFolder } from '#models/fixtures/reference.js';
import type { Model } from '#models/model.js';
import { readSafetensors, writeSafetensors } from '#models/weights/safetensors.js';
import {
  checkpointOf,
  curveOf,
  folder,
  gapOf,
  outcomeOf,
  removeToys,
  toyConfig,
  toyMember,
} from './fixtures/toy.js';
import { warmModel } from './warm/warm-models.js';

/** Sizes for models of width 16; a method that is not named takes its defaults. */
const small: Partial<Record<MethodName, object>> = {
  'prompt-tuning': { length: 3 },
  lora: { rank: 2 },
  adapter: { bottleneck: 4 },
  'prefix-tuning': { length: 3, hidden: 8 },
  // above a frozen layer; prefix tuning has prompts in all
  'p-tuning-v2': { length: 3, layers: [1, 1], dropout: 0.1 },
  mam: { length: 3, hidden: 8, bottleneck: 4 },
  dora: { rank: 2 },
  vera: { rank: 4 },
  qlora: { rank: 2 },
  adalora: { rank: 3, targetRank: 2, warmup: 2, final: 2 },
  unipelt: { length: 3, hidden: 8, bottleneck: 4, rank: 2, gates: false }, // gates are for encoders
  'top-layers': { layers: 1 },
  'p-tuning': { length: 3 },
};
const names = Method.options.map((o) => o.shape.name.value);
const families = ['bert', 'mpnet', 't5-v1.1', 'gpt2', 'llama'];
const withoutBiases = ['t5-v1.1', 'llama'];
/** Families whose members train together here, one a kind of model. The tests of methods hold a gang to its
 *  members alone on every family. */
const ganged = ['bert', 't5-v1.1', 'gpt2'];
/** Between a loss in a gang and alone: sums over other shapes round differently, and in bfloat16 so do
 *  products. */
const tolerances: Record<Precision, number> = { float32: 2e-4, bfloat16: 0.02 };
const places = [
  ...families.map((family) => ({ family, precision: 'float32' as Precision })),
  { family: 'bert', precision: 'bfloat16' as Precision },
];

beforeAll(async () => {
  // XLA compiles each shape for seconds, and the engine's tests hold it to the graph
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
});
afterAll(removeToys);

describe.each(places)('on $family in $precision', ({ family, precision }) => {
  const tolerance = tolerances[precision];
  // MPNet differs from BERT in where its positions stand, which learning does not show
  const learns = precision === 'float32' && family !== 'mpnet';
  const applicable = names.filter((name) => !(withoutBiases.includes(family) && name === 'bitfit'));

  describe.each(applicable)('%s', (name) => {
    it('keeps what every method keeps', async () => {
      const method = { name, ...small[name] };
      const config = toyConfig(family, method, { training: { checkpointEvery: 6, precision } });
      const model = await warmModel(fixtureFolder(family), undefined, precision);
      const before = Object.values(model.weights).map((w) => w.dataSync().slice());

      const solo = toyMember(config);
      const first = await outcomeOf([solo]);
      const [verdict] = first.verdicts;
      if (verdict?.verdict !== 'succeeded') throw new Error(JSON.stringify(verdict));
      const curve = curveOf(first, solo);
      expect(curve).toHaveLength(12);

      Object.values(model.weights).forEach((w, i) => expect(w.dataSync()).toEqual(before[i]));
      const own = methodOf(config.method).init(config.method, model, { words: ['mat', 'ran'] }, 1);
      const allocated = Object.values(own).reduce((n, t) => n + t.size, 0);
      tf.dispose(own);
      expect(verdict.summary.provenance.precision).toBe(precision);
      expect(verdict.summary.trainableParameters).toBe(allocated);

      const tensors = tensorsBeside(model);
      expect(await begun(config)).toEqual(curve.slice(0, 6));
      expect(await begun({ ...config, seed: 2 })).not.toEqual(curve.slice(0, 6));
      expect(tensorsBeside(model)).toBe(tensors);

      const at6 = checkpointOf(first, solo, 'resume', 6);
      const resumed = toyMember(config, at6);
      const rest = await outcomeOf([resumed]);
      expect(curveOf(rest, resumed)).toEqual(curve.slice(6));
      expect(rest.verdicts[0]).toMatchObject({
        summary: { test: verdict.summary.test, validation: verdict.summary.validation },
      });
      if (changesBackbone(config.method) || !ganged.includes(family)) return;

      const poisoned = toyMember({ ...config, seed: 2 }, poison(at6, name + family));
      const [mate, cancelled] = [toyMember(config, at6), toyMember({ ...config, seed: 3 }, at6)];
      const gang = await outcomeOf([mate, poisoned, cancelled], (events) => ({
        cancelled: (id) =>
          id === cancelled.attemptId && events.some((e) => e.type === 'metrics' && e.metrics[0]!.step === 8),
      }));
      expect(gapOf(curveOf(gang, mate), curve.slice(6))).toBeLessThan(tolerance);
      expect(gang.verdicts[0]).toMatchObject({ verdict: 'succeeded' });
      expect(gang.verdicts[1]).toMatchObject({
        verdict: 'failed',
        cause: 'diverged',
        message: 'loss NaN at step 7',
      });
      expect(gang.verdicts[2]).toEqual({ verdict: 'cancelled', attemptId: cancelled.attemptId });
      expect(curveOf(gang, cancelled).length).toBeLessThanOrEqual(3);
      expect(tensorsBeside(model)).toBe(tensors);
    }, 120_000);

    if (!learns) return;
    it('lowers the loss of a learnable toy', async () => {
      const learningRate = name === 'qlora' ? 0.01 : 0.03; // it moves every linear map
      // of the same shapes as above, so that its steps are there already
      const training = { steps: 80, optimizer: { name: 'adamw', learningRate } };
      const member = toyMember(toyConfig(family, { name, ...small[name] }, { training }));
      const outcome = await outcomeOf([member]);
      const curve = curveOf(outcome, member);
      const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
      expect(mean(curve.slice(-20))).toBeLessThan(mean(curve.slice(0, 20)));
    }, 60_000);
  });

  if (!learns) return;
  it('trains prompts of different lengths together as it trains each alone', async () => {
    const members = () =>
      (['bert', 'mpnet'].includes(family) ? [2, 4] : [2, 7]).map((length) =>
        toyMember(toyConfig(family, { name: 'prompt-tuning', length })),
      );
    const together = members();
    const gang = await outcomeOf(together);
    for (const [i, solo] of members().entries()) {
      const alone = await outcomeOf([solo]);
      expect(gapOf(curveOf(gang, together[i]!), curveOf(alone, solo))).toBeLessThan(tolerance);
    }
  }, 60_000);
});

/** The losses of a trial's first 6 steps; then it is cancelled, so that nothing is evaluated. */
async function begun(config: TuneConfig): Promise<number[]> {
  const member = toyMember(config);
  const outcome = await outcomeOf([member], (events) => ({
    cancelled: () => events.some((e) => e.type === 'metrics' && e.metrics[0]!.step === 6),
  }));
  expect(outcome.verdicts).toEqual([{ verdict: 'cancelled', attemptId: member.attemptId }]);
  return curveOf(outcome, member);
}

/** How many there are but the model's, of which a method may have set some aside. */
function tensorsBeside(model: Model): number {
  const own = Object.values(model.weights).length; // asked for, all are there
  return tf.memory().numTensors - own;
}

/** A copy of a resume state whose numbers are no longer any. */
function poison(state: string, name: string): string {
  const to = join(folder, `poisoned-${name}`);
  cpSync(state, to, { recursive: true });
  const file = join(to, 'state.safetensors');
  const tensors = readSafetensors(file);
  for (const [key, { shape, values }] of tensors) tensors.set(key, { shape, values: values.fill(NaN) });
  writeSafetensors(file, tensors, 'F32');
  return to;
}
