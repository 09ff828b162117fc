import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { animals, tinyBert } from './support/grids.js';
import { Stack } from './support/stack.js';
import { until } from './support/until.js';

const folder = mkdtempSync(join(tmpdir(), 'edited-'));
const main = resolve(__dirname, '..', 'dist', 'apps', 'cli', 'src', 'main.js');
const data = join(folder, 'data.jsonl');
const grid = join(folder, 'grid.yaml');
let stack: Stack;

beforeAll(async () => {
  stack = await Stack.start('postgres', ''); // no roots: all travels
  writeFileSync(
    grid,
    `name: edited
backbone: { folder: model }
task: { name: file, path: data.jsonl, input: '{text}', label: label, train: 96, maxLength: 8 }
method: { name: prompt-tuning, length: 2, init: random }
training: { steps: 20, batch: 8, optimizer: { name: adamw, learningRate: 0.05 } }
`,
  );
  cpSync(tinyBert.folder, join(folder, 'model'), { recursive: true });
  cpSync(animals, data);
}, 120_000);
afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

function submitted(): string {
  const env = { ...process.env, PEFTGRID_URL: stack.url, PEFTGRID_HOME: stack.home };
  return (
    JSON.parse(execFileSync(process.execPath, [main, 'submit', grid, '--json'], { env }).toString()) as {
      id: string;
    }
  ).id;
}

async function finished(id: string) {
  await until(
    'the grid is finished',
    async () => (await stack.client.experiment(id)).state === 'finished',
    120_000,
  );
  const [cell] = await stack.client.cells(id);
  return { trial: cell!.trialId, state: cell!.state, why: cell!.why, summary: cell!.summary };
}

it('trains on what was submitted, whatever becomes of the files, and anew on what they hold then', async () => {
  const first = submitted();
  const text = readFileSync(data, 'utf8');
  const rows = text.split('\n').map((row) => row.replace('"the ', '"one '));
  writeFileSync(data, rows.join('\n'));
  const second = submitted();
  rmSync(data);
  rmSync(join(folder, 'model'), { recursive: true });
  await stack.startWorker();
  const [before, after] = [await finished(first), await finished(second)];
  expect([before.state, after.state]).toEqual(['succeeded', 'succeeded']);
  expect(after.trial).not.toBe(before.trial);
  expect(after.summary!.provenance.dataHash).not.toBe(before.summary!.provenance.dataHash);

  cpSync(tinyBert.folder, join(folder, 'model'), { recursive: true });
  writeFileSync(data, text);
  expect((await finished(submitted())).trial).toBe(before.trial); // the same content, from a file made anew
  appendFileSync(data, '\n'); // the same rows, another content: trained again, with equal numbers
  const again = await finished(submitted());
  expect(again.trial).not.toBe(before.trial);
  const numbers = ({ summary }: typeof again) => [
    summary!.test,
    summary!.validation,
    summary!.provenance.dataHash,
  ];
  expect(numbers(again)).toEqual(numbers(before));
}, 240_000);
