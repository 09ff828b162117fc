import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EvaluateConfig } from '#contracts/trial.js';
import { dataIssues } from './data-issues.js';

const folder = mkdtempSync(join(tmpdir(), 'asked-data-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, labels: readonly string[]): object => {
  const path = join(folder, `${name}.csv`);
  const rows = Array.from({ length: 60 }, (_, i) => `${name} ${i},${labels[i % labels.length]}`);
  writeFileSync(path, `text,y\n${rows.join('\n')}\n`);
  return { name: 'file', path, input: '{text}', label: 'y' };
};
const pets = file('pets', ['cat', 'dog']);
const others = file('others', ['dog', 'cat']);
const birds = file('birds', ['bird', 'cat', 'dog']);

const said = async (more: object) => {
  const config = EvaluateConfig.parse({
    stage: 'evaluate',
    backbone: { name: 'minilm-l6' },
    task: pets,
    ...more,
  });
  const cells = [1, 2].map((seed) => ({ grid: 'g', config: { ...config, seed } }));
  const { refusals } = await dataIssues(cells, { elsewhere: false, largest: Infinity });
  return refusals.map(({ knob, message }) => `${knob} ${message}`);
};

describe('the data of what is asked without training', () => {
  it.each([{ name: 'head' }, { name: 'p-tuning-v2' }])(
    'has the labels that a head of $name was trained for',
    async (method) => {
      expect(await said({ method, evaluate: { task: others } })).toEqual([]);
      expect(await said({ method, evaluate: { task: birds } })).toEqual([
        "evaluate.task has the labels bird, cat, dog, and the trial's head was trained for cat, dog",
      ]);
    },
  );

  it('may have others where words answer', async () => {
    expect(await said({ method: { name: 'lora' }, evaluate: { task: birds } })).toEqual([]);
  });

  it('has as many training examples as are shown', async () => {
    const [message] = await said({ method: { name: 'none', shots: 60 } });
    expect(message).toMatch(/^method.shots asks for 60 examples, and the training split has \d+$/);
    expect(await said({ method: { name: 'none', shots: 8 } })).toEqual([]);
  });
});
