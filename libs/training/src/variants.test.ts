/** Methods on models that are variants of a family: they learn, twice alike, and leave the weights as they
 *  are. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine } from '#engine/native/start.js';
import { makeVariant } from '#models/fixtures/variant-folder.js';
import { curveOf, outcomeOf, removeToys, toyConfig, toyMember } from './fixtures/toy.js';
import { warmModel } from './warm/warm-models.js';

const home = mkdtempSync(join(tmpdir(), 'variants-'));
const ofType = (model_type: string, architecture: string) => ({ model_type, architectures: [architecture] });
const llama3 = {
  rope_type: 'llama3',
  factor: 8,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 16,
};
const silu = { feed_forward_proj: 'gated-silu', dense_act_fn: null, is_gated_act: null };
const variants: Record<string, [base: string, change: Record<string, unknown>]> = {
  'llama-3': ['llama', { rope_parameters: { ...llama3, rope_theta: 100 } }],
  mistral: [
    'llama',
    { ...ofType('mistral', 'MistralForCausalLM'), sliding_window: 30, attention_bias: null, mlp_bias: null },
  ],
  qwen2: ['llama-untied', { ...ofType('qwen2', 'Qwen2ForCausalLM'), attention_bias: null, mlp_bias: null }],
  mt5: ['t5-v1.1', ofType('mt5', 'MT5ForConditionalGeneration')],
  't5-silu': ['t5-v1.1', silu],
  't5-encoder': ['t5-v1.1', ofType('t5', 'T5EncoderModel')],
  'bert-relu': ['bert', { hidden_act: 'relu' }],
  'bert-silu': ['bert', { hidden_act: 'silu' }],
};
const methods: Record<string, object> = {
  lora: { rank: 2 },
  'prompt-tuning': { length: 3 },
  'prefix-tuning': { length: 3, hidden: 8 },
  adapter: { bottleneck: 4 },
  head: {},
  bitfit: {},
};
const others: Record<string, string[]> = {
  't5-encoder': ['prompt-tuning', 'prefix-tuning', 'adapter', 'head'],
  qwen2: ['bitfit'],
};
const cases = Object.keys(variants).flatMap((name) =>
  ['lora', ...(others[name] ?? [])].map((method) => ({ name, method })),
);

beforeAll(async () => {
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
});
afterAll(() => {
  removeToys();
  rmSync(home, { recursive: true });
});

it.each(cases)(
  '$method learns on $name',
  async ({ name, method }) => {
    const folder = join(home, name);
    const [base, change] = variants[name]!;
    makeVariant(folder, { base, change });
    const model = await warmModel(folder);
    const before = Object.values(model.weights).map((w) => w.dataSync().slice());
    const training = { steps: 60, batch: 8, optimizer: { name: 'adamw', learningRate: 0.03 } };
    const curves = [];
    for (let i = 0; i < 2; i++) {
      const member = toyMember(toyConfig(folder, { name: method, ...methods[method] }, { training }));
      const outcome = await outcomeOf([member]);
      expect(outcome.verdicts[0]).toMatchObject({ verdict: 'succeeded' });
      curves.push(curveOf(outcome, member));
    }
    const [curve, again] = curves as [number[], number[]];
    expect(again).toEqual(curve);
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean(curve.slice(-15))).toBeLessThan(mean(curve.slice(0, 15)));
    Object.values(model.weights).forEach((w, i) => expect(w.dataSync()).toEqual(before[i]));
  },
  60_000,
);
