import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PredictionsView } from '#contracts/predictions.js';
import { Stack } from '../../../test/support/stack.js';
import { until } from '../../../test/support/until.js';
import { animalGrid, animals } from '../../../test/support/grids.js';
import { root } from './root.js';

// The real program: adapters of Hugging Face peft's, and cells that a run has trained.
const fixtures = join(root, 'libs', 'methods', 'src', 'fixtures');
const models = join(root, 'libs', 'models', 'src', 'fixtures');
const home = mkdtempSync(join(tmpdir(), 'peftgrid-predict-'));

let env: Record<string, string> = {};

function peftgrid(...args: string[]) {
  return spawnSync(join(root, 'peftgrid'), args, {
    encoding: 'utf8',
    cwd: home,
    env: { ...process.env, PEFTGRID_HOME: home, ...env },
  });
}
const linesOf = (...args: string[]) =>
  peftgrid('predict', ...args)
    .stdout.trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

jest.setTimeout(240_000);
beforeAll(() =>
  symlinkSync(
    join(process.env['PEFTGRID_HOME'] ?? join(homedir(), '.peftgrid'), 'engine'),
    join(home, 'engine'),
  ),
);
afterAll(() => rmSync(home, { recursive: true, force: true }));

it('says of an adapter’s folder what peft says', () => {
  const { texts, cases } = JSON.parse(
    readFileSync(join(root, 'libs/training/src/predict/fixtures/predict.json'), 'utf8'),
  ) as { texts: string[]; cases: { adapter: string; logits?: number[][] }[] };
  const { logits } = cases.find(({ adapter }) => adapter === 'peft-texts/bert-prompt')!;
  writeFileSync(join(home, 'texts.txt'), `${texts.join('\n')}\n`);
  const folder = join(fixtures, 'peft-texts', 'bert-prompt');
  const said = linesOf(
    folder,
    '--backbone',
    join(models, 'bert'),
    '--labels',
    'a,b,c,d',
    '--file',
    'texts.txt',
  );
  expect(said.map(({ input }) => input)).toEqual(texts.map((text) => [text]));
  for (const [i, line] of said.entries()) {
    const own = line['logits'] as number[];
    expect(own.every((x, c) => Math.abs(x - logits![i]![c]!) < 1e-5)).toBe(true);
    expect(line['label']).toBe('abcd'[own.indexOf(Math.max(...own))]);
  }
});

it('says of a trained cell’s test texts what the trial said, and what its prompt is near to', () => {
  const grid = { ...animalGrid(animals, { training: { steps: 10 } }), name: 'small', grid: { seed: [1] } };
  writeFileSync(join(home, 'grid.yaml'), JSON.stringify(grid));
  expect(peftgrid('run', 'grid.yaml')).toMatchObject({ status: 0 });
  const { predictions, labels } = JSON.parse(
    peftgrid('predictions', 'runs/small', '--json').stdout,
  ) as PredictionsView;
  writeFileSync(
    join(home, 'asked.jsonl'),
    predictions.map(({ input }) => JSON.stringify({ input })).join('\n'),
  );
  const said = linesOf('runs/small', '--file', 'asked.jsonl');
  expect(said).toHaveLength(predictions.length);
  for (const [i, { label, logits }] of said.entries()) {
    const kept = (predictions[i] as { said: { label: number; scores: number[] } }).said;
    expect(label).toBe(labels[kept.label]);
    (logits as number[]).forEach((x, c) => expect(x).toBeCloseTo(kept.scores[c]!, 4));
  }
  const near = peftgrid('neighbours', 'runs/small', '--k', '3', '--metric', 'euclidean');
  expect(near.stderr).toBe('');
  expect(near.stdout).toMatch(/^near to after training/);
  expect(near.stdout).toMatch(/mean euclidean distance to the initial token: \d/);
  expect(JSON.parse(peftgrid('neighbours', 'runs/small', '--json').stdout)).toMatchObject({
    k: 5,
    metric: 'cosine',
  });
});

it('refuses what cannot be, and says what was expected', () => {
  writeFileSync(join(home, 'bad.jsonl'), '{"input": "a"}\n{"inputs": "a"}\n');
  const lora = join(fixtures, 'peft', 'bert', 'lora');
  const cases: [string[], RegExp][] = [
    [[lora], /expected either --text TEXT, once or several times, or --file FILE/],
    [[lora, '--file', 'bad.jsonl'], /bad.jsonl, line 2: .*"inputs"/],
    [[lora, 'a/1', '--text', 'a'], /"a\/1" is given, and .*lora is an adapter’s folder/],
    [['runs/small', '--max-length', '9', '--text', 'a'], /--max-length is for an adapter's folder/],
    [[models, '--text', 'a'], /no cells.json|neither adapter_config.json/],
    [['runs/none', 'a/1', '--text', 'a'], /there is no run’s folder runs\/none/],
  ];
  for (const [args, message] of cases) {
    const { status, stdout, stderr } = peftgrid('predict', ...args);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(message);
  }
});

it('a worker begins with an adapter’s folder that was sent, and its cell is asked on the server', async () => {
  const folder = join(fixtures, 'peft', 'bert', 'prompt');
  const begun = {
    ...animalGrid(animals),
    name: 'begun',
    method: { name: 'prompt-tuning', length: 3 },
    training: { steps: 0 },
    from: { adapter: folder },
  };
  writeFileSync(join(home, 'begun.yaml'), JSON.stringify(begun));
  writeFileSync(
    join(home, 'other.yaml'),
    JSON.stringify({ ...begun, method: { name: 'prompt-tuning', length: 4 } }),
  );
  const refused = /method.length: 4, and from.adapter has 3 virtual tokens/;
  expect(peftgrid('plan', 'other.yaml')).toMatchObject({ status: 1, stderr: expect.stringMatching(refused) });
  const stack = await Stack.start();
  try {
    await stack.startWorker();
    env = { PEFTGRID_URL: stack.url };
    expect(peftgrid('submit', 'other.yaml')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(refused),
    });
    expect(peftgrid('submit', 'begun.yaml')).toMatchObject({ status: 0 });
    const [experiment] = await stack.client.experiments();
    const done = async () => (await stack.client.experiment(experiment!.id)).state === 'finished';
    await until('the trial is done', done, 100_000);
    const [cell] = await stack.client.cells(experiment!.id);
    expect(cell).toMatchObject({ state: 'succeeded', summary: { steps: 0, bestStep: 0 } });
    const page = await stack.client.predictions(cell!.trialId, { n: 3 });
    const [first] = page.predictions;
    const [said] = linesOf('begun/0', '--text', first!.input.join(' '));
    expect(said!['label']).toBe(page.labels[(first as { said: { label: number } }).said.label]);
    const near = peftgrid('neighbours', 'begun/0');
    expect(near.stdout).toMatch(/mean cosine distance to the initial token: 0.00/); // nothing was trained
  } finally {
    env = {};
    await stack.stop();
  }
}, 240_000);
