import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TuneConfig } from '#contracts/trial.js';
import { startEngine } from '#engine/native/start.js';
import { readSafetensors } from '#models/weights/safetensors.js';
import {
  checkpointOf,
  curveOf,
  folder,
  outcomeOf,
  removeToys,
  toyConfig,
  toyMember,
} from './fixtures/toy.js';

jest.setTimeout(240_000);
beforeAll(async () => {
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
});
afterAll(removeToys);

const fixtures = join(__dirname, '..', '..', 'methods', 'src', 'fixtures');
const starting = (config: TuneConfig, adapter: string, steps: number): TuneConfig => ({
  ...config,
  from: { adapter },
  training: { ...config.training, steps },
});

/** As numpy.save writes a float32 matrix. */
function saveNpy(path: string, values: Float32Array, [rows, columns]: number[]): void {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const header = `${text.padEnd(117)}\n`;
  const start = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0]);
  writeFileSync(path, Buffer.concat([start, Buffer.from(header, 'latin1'), Buffer.from(values.buffer)]));
}

it('an adapter, or the prompt in it as .npy, is evaluated as it was trained, and trained on as its trial is', async () => {
  const config = toyConfig('t5-v1.1', { name: 'prompt-tuning', length: 3 });
  const trained = toyMember(config);
  const outcome = await outcomeOf([trained]);
  const [source] = outcome.verdicts;
  if (source?.verdict !== 'succeeded') throw new Error(JSON.stringify(source));
  const adapter = checkpointOf(outcome, trained, 'adapter');
  const { values, shape } = readSafetensors(join(adapter, 'adapter_model.safetensors')).get(
    'prompt_embeddings',
  )!;
  const file = join(folder, 'prompt.npy');
  saveNpy(file, values as Float32Array, shape);
  for (const path of [adapter, file]) {
    const as = toyMember(starting(config, path, 0));
    const [verdict] = (await outcomeOf([as])).verdicts;
    if (verdict?.verdict !== 'succeeded') throw new Error(JSON.stringify(verdict));
    const { test, validation, steps, bestStep } = verdict.summary;
    expect({ test, validation, steps, bestStep }).toEqual({
      test: source.summary.test,
      validation: source.summary.validation,
      steps: 0,
      bestStep: 0,
    });
  }
  const [on, beside] = [
    toyMember(starting(config, file, 4)),
    {
      ...toyMember({
        ...starting(config, file, 4),
        from: { task: config.task, training: config.training, seed: 1 },
      }),
      sourceFolder: adapter,
    },
  ];
  expect(curveOf(await outcomeOf([on]), on)).toEqual(curveOf(await outcomeOf([beside]), beside));
});

it('a head is taken where it has as many outputs, and refused where nothing could train another', async () => {
  const labels = { labelWords: null, answer: { by: 'head' } };
  const method = { name: 'lora', rank: 3, alpha: 5, targets: ['query', 'value'] };
  const config = toyConfig('bert', method, { task: labels });
  const lora = join(fixtures, 'peft-texts', 'bert-lora'); // of four labels; there are two
  const [none, anew] = [toyMember(starting(config, lora, 0)), toyMember(starting(config, lora, 2))];
  expect((await outcomeOf([none])).verdicts[0]).toMatchObject({
    cause: 'invalid',
    message: expect.stringMatching(/parameter head.*is \[4\]|is \[16,4\]; expected \[16,2\]/),
  });
  expect((await outcomeOf([anew])).verdicts[0]).toMatchObject({ verdict: 'succeeded' });
});

it.each([
  [{ name: 'lora', rank: 3, alpha: 7 }, 'peft/bert/lora', /has method.alpha 5, and the trial's is 7/],
  [{ name: 'ia3' }, 'peft/bert/lora', /is of method "lora", and method.name is "ia3"/],
  [{ name: 'prompt-tuning', length: 4 }, 'peft/bert/prompt', /has method.length 3, and the trial's is 4/],
  [
    { name: 'p-tuning', length: 3 },
    'peft/bert/ptuning-mlp',
    /has method.encoder "none", and the trial's is "lstm"/,
  ],
])('%j from %s is refused by what differs', async (method, adapter, message) => {
  const member = toyMember(starting(toyConfig('bert', method), join(fixtures, adapter), 2));
  expect((await outcomeOf([member])).verdicts[0]).toMatchObject({
    cause: 'invalid',
    message: expect.stringMatching(message),
  });
});
