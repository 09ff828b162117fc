import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { PredictionsView } from '#contracts/predictions.js';
import { animalGrid, animals } from '../../../test/support/grids.js';
import { Stack } from '../../../test/support/stack.js';
import { until } from '../../../test/support/until.js';
import { root } from './root.js';
import { trialFolderOf } from './trial-folder.js';
import type { RunFolder } from './run-folder.js';

// The real program: what a run and what a server's worker have trained is looked at and scored.
const launcher = join(root, 'peftgrid');
let home: string;
let env: Record<string, string> = {};

function peftgrid(...args: string[]) {
  const { PEFTGRID_URL: _url, ...own } = process.env;
  return spawnSync(launcher, args, {
    encoding: 'utf8',
    cwd: home,
    env: { ...own, PEFTGRID_HOME: home, ...env },
  });
}
const viewOf = (...args: string[]) =>
  JSON.parse(peftgrid('predictions', ...args, '--json').stdout) as PredictionsView;

const grid = {
  ...animalGrid(animals, { training: { steps: 10 } }),
  name: 'small',
  grid: { 'method.length': [1, 2], seed: [1, 2] },
};

jest.setTimeout(120_000);

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'peftgrid-said-'));
  symlinkSync(
    join(process.env['PEFTGRID_HOME'] ?? join(homedir(), '.peftgrid'), 'engine'),
    join(home, 'engine'),
  );
  writeFileSync(join(home, 'grid.yaml'), JSON.stringify(grid));
  expect(peftgrid('run', 'grid.yaml')).toMatchObject({ status: 0 });
}, 240_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('of a run’s folder', () => {
  it('shows what a cell said, in 80 columns', () => {
    const { status, stdout } = peftgrid('predictions', 'runs/small', 'small/1');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^text +right +said +score\n─/);
    expect(stdout).toMatch(/\ntest: \d+ of 18 wrong; 1 to 18 of all\n$/);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThan(80);
  });

  it('shows the wrong ones that the trial’s own accuracy counts, page by page', () => {
    const { cells } = JSON.parse(
      readFileSync(join(home, 'runs', 'small', 'cells.json'), 'utf8'),
    ) as RunFolder;
    for (const [i, { summary }] of cells.entries()) {
      const page = viewOf('runs/small', `small/${i}`, '--wrong', '--n', '200');
      expect(page.wrong).toBe(page.predictions.length);
      expect(1 - page.wrong! / page.examples).toBeCloseTo(summary!.test['accuracy']!, 12);
      const second = viewOf('runs/small', `small/${i}`, '--wrong', '--n', '1', '--offset', '1');
      expect(second.predictions).toEqual(page.predictions.slice(1, 2));
      const { examples, wrong } = viewOf('runs/small', `small/${i}`, '--split', 'validation');
      expect(1 - wrong! / examples).toBeCloseTo(summary!.validation['accuracy']!, 12);
    }
  });

  it('scores all cells by a metric that none has measured, as a table', () => {
    const { status, stdout, stderr } = peftgrid('score', 'runs/small', '--metric', 'matthews');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^method.length +matthews\n/);
    expect(stdout).toContain('95 % t-interval over seeds, n = 2');
    expect(stdout).toContain('n test = 18 examples');
    const table = JSON.parse(
      peftgrid('score', 'runs/small', '--metric', 'matthews', '--json').stdout,
    ) as Scored;
    const found = table.body.flatMap((row) =>
      row.groups.flatMap((group) => group.values.map((v) => v.value)),
    );
    expect(found).toEqual(
      [0, 1, 2, 3].map((i) => expect.closeTo(binaryMatthews(viewOf('runs/small', `small/${i}`)), 12)),
    );
  });

  it('compares lengths by seed, as the cells’ own numbers differ', () => {
    const { cells } = JSON.parse(
      readFileSync(join(home, 'runs', 'small', 'cells.json'), 'utf8'),
    ) as RunFolder;
    const accuracy = (length: number, seed: number) =>
      cells.find(({ point }) => point['method.length'] === length && point['seed'] === seed)!.summary!.test[
        'accuracy'
      ]!;
    const { others } = JSON.parse(
      peftgrid('compare', 'runs/small', '--axis', 'method.length', '--json').stdout,
    ) as { others: { value: number; body: { difference: { n: number; mean: number } }[] }[] };
    const differences = [1, 2].map((seed) => accuracy(2, seed) - accuracy(1, seed));
    expect(others.map(({ value }) => value)).toEqual([2]);
    expect(others[0]!.body[0]!.difference).toMatchObject({
      n: 2,
      mean: expect.closeTo((differences[0]! + differences[1]!) / 2, 12),
    });
    const { status, stdout } = peftgrid('compare', 'runs/small', '--axis', 'method.length');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ +1 +2 +difference +p\n/);
  });

  it('refuses what cannot be, and says what there is', () => {
    const cases: [string[], RegExp][] = [
      [
        ['score', 'runs/small', '--metric', 'mathews'],
        /no metric "mathews"; there are accuracy, f1, .*matthews/,
      ],
      [
        ['score', 'runs/small', '--metric', 'recall'],
        /no finished trial has recall\n  small\/0 and 3 more cells: .*kind class and no recall/,
      ],
      [
        ['compare', 'runs/small', '--axis', 'method.init'],
        /no axis "method\.init" to compare along; there are method\.length/,
      ],
      [
        ['compare', 'runs/small', '--axis', 'method.length', '--against', '3'],
        /method\.length is never "3"; it is 1, 2/,
      ],
      [['score', 'runs/small'], /required option '--metric <name>' not specified/],
      [['predictions', 'runs/small'], /name one of its cells; there are small\/0, small\/1/],
      [['predictions', 'runs/small', 'small/9'], /"small\/9" is no cell; there are small\/0/],
      [['predictions', 'runs/small', 'small/0', '--n', '201'], /whole number from 1 to 200/],
      [['predictions', 'runs/small', 'small/0', '--split', 'train'], /Allowed choices are test, validation/],
      [['predictions', 'runs/none', 'small/0'], /there is no run’s folder runs\/none/],
    ];
    for (const [args, message] of cases) {
      const { status, stdout, stderr } = peftgrid(...args);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(message);
    }
  });

  it('writes predictions where they are asked for, beside the adapters', () => {
    expect(peftgrid('export', 'runs/small', '--out', 'without')).toMatchObject({ status: 0 });
    expect(existsSync(join(home, 'without', 'predictions'))).toBe(false);
    expect(existsSync(join(home, 'without', 'adapters', 'small-0', 'predictions.jsonl.gz'))).toBe(false);
    expect(peftgrid('export', 'runs/small', '--predictions', '--out', 'with')).toMatchObject({ status: 0 });
    expect(existsSync(join(home, 'with', 'predictions', 'small-0', 'predictions.jsonl.gz'))).toBe(true);
  });
});

it('a hostile text steers no terminal, and a damaged file is told by its line', () => {
  renameSync(join(home, 'runs', 'small'), join(home, 'moved')); // its files are found where they lie now
  const { cells } = JSON.parse(readFileSync(join(home, 'moved', 'cells.json'), 'utf8')) as RunFolder;
  const file = join(
    trialFolderOf(join(home, 'moved'), cells[0]!.trialId),
    'predictions',
    'predictions.jsonl.gz',
  );
  const head = { task: 't', kind: 'class', labels: ['a\u001B[2J', 'b'], hash: '' };
  const example = {
    split: 'test',
    id: '1',
    input: ['x\u001B]0;owned\u0007\nforged'],
    answer: { label: 0 },
    said: { label: null, text: '\u202Eb' },
  };
  const write = (...values: object[]) =>
    writeFileSync(file, gzipSync(values.map((v) => `${JSON.stringify(v)}\n`).join('')));
  write(head, example);
  const { stdout } = peftgrid('predictions', './moved', 'small/0');
  expect(stdout.replaceAll('\n', '')).toContain('\\u001b');
  expect(stdout).not.toMatch(/[\u0007\u001B\u202E]/u); // eslint-disable-line no-control-regex
  expect(stdout).not.toMatch(/^forged/m);
  write(head, { ...example, answer: { label: 7 } });
  expect(peftgrid('predictions', './moved', 'small/0')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/line 2: there is no label 7/),
  });
  const { status, stderr } = peftgrid('score', './moved', '--metric', 'matthews');
  // of the others
  expect({ status, stderr }).toMatchObject({
    status: 0,
    stderr: expect.stringMatching(/small\/0: .*line 2/),
  });
});

it('gives the same of what a server’s worker trained', async () => {
  const stack = await Stack.start();
  try {
    await stack.startWorker();
    env = { PEFTGRID_URL: stack.url };
    const { id } = await stack.client.submit({ name: 'small', grids: [grid] });
    expect(peftgrid('score', 'small', '--metric', 'matthews').stderr).toContain('no trial has finished yet');
    await until(
      'all trials are done',
      async () => (await stack.client.experiment(id)).state === 'finished',
      100_000,
    );
    const cells = await stack.client.cells(id);
    const page = viewOf('small/2');
    expect(page).toMatchObject({ task: 'file animals.jsonl', split: 'test', examples: 18 });
    expect(1 - page.wrong! / page.examples).toBeCloseTo(cells[2]!.summary!.test['accuracy']!, 12);
    expect(viewOf(cells[2]!.trialId)).toEqual(page);
    const table = JSON.parse(peftgrid('score', 'small', '--metric', 'matthews', '--json').stdout) as Scored;
    expect(table.body[1]!.groups[0]!.values[0]!.value).toBeCloseTo(binaryMatthews(page), 12);
    expect(peftgrid('export', 'small', '--predictions', '--out', 'server')).toMatchObject({ status: 0 });
    const kept =
      cells[0] &&
      (await stack.client.trial(cells[0].trialId)).checkpoints.find((c) => c.kind === 'predictions');
    expect(readFileSync(join(home, 'server', 'predictions', 'small-0', 'predictions.jsonl.gz')).length).toBe(
      kept!.bytes,
    );
    expect(existsSync(join(home, 'server', 'adapters', 'small-0', 'predictions.jsonl.gz'))).toBe(false);
  } finally {
    env = {};
    await stack.stop();
  }
}, 240_000);

interface Scored {
  body: { groups: { values: { value: number }[] }[] }[];
}

/** From the four counts of two classes (Matthews 1975). */
function binaryMatthews({ confusion }: PredictionsView): number {
  const n = (right: number, said: number) =>
    confusion!.find((c) => c.right === right && c.said === said)?.count ?? 0;
  const [tp, tn, fp, fn] = [n(1, 1), n(0, 0), n(0, 1), n(1, 0)];
  const spread = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn);
  return spread === 0 ? 0 : (tp * tn - fp * fn) / Math.sqrt(spread);
}
