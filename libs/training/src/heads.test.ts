import type { MethodName } from '#contracts/method.js';
import { startEngine } from '#engine/native/start.js';
import { methodKnobs } from './fixtures/method-knobs.js';
import { curveOf, gapOf, outcomeOf, removeToys, toyConfig, toyMember } from './fixtures/toy.js';

const tolerance = 2e-4; // between a loss in a gang and alone: sums over other shapes round differently
const alone: MethodName[] = ['full', 'top-layers'];
const cases = [
  ...(Object.keys(methodKnobs) as MethodName[]).map((name) => ({ family: 'bert', name })),
  ...['roberta', 'mpnet', 't5-v1.1', 'gpt2', 'llama', 'bart'].map((family) => ({
    family,
    name: 'lora' as MethodName,
  })),
];

/** Widths of 16, and two labels: transformers' heads with a dense layer, without one, and without a bias. */
const headSizes: Record<string, number> = { gpt2: 16 * 2, llama: 16 * 2 };
const twoLayers = 16 * 16 + 16 + 16 * 2 + 2;

beforeAll(async () => {
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
});
afterAll(removeToys);

it.each(cases)(
  'a head next to $name on $family is trained, in a gang as alone, and counted apart',
  async ({ family, name }) => {
    const change = { task: { answer: { by: 'head' } }, training: { steps: 8 } };
    const config = toyConfig(family, { name, ...methodKnobs[name].base }, change);
    const members = [toyMember(config), ...(alone.includes(name) ? [] : [toyMember({ ...config, seed: 2 })])];
    const gang = await outcomeOf(members);
    for (const member of members) {
      const solo = toyMember(member.config);
      const curve = curveOf(await outcomeOf([solo]), solo);
      expect(gapOf(curveOf(gang, member), curve)).toBeLessThan(tolerance);
      expect(new Set(curve).size).toBeGreaterThan(4);
    }
    const [verdict] = gang.verdicts;
    if (verdict?.verdict !== 'succeeded') throw new Error(JSON.stringify(verdict));
    const { headParameters, trainableParameters } = verdict.summary;
    if (name === 'head' || name === 'p-tuning-v2') expect(headParameters).toBe(16 * 2 + 2);
    else expect(headParameters).toBe(headSizes[family] ?? twoLayers);
    expect(trainableParameters - headParameters!).toBeGreaterThanOrEqual(name === 'head' ? 0 : 1);
  },
  60_000,
);
