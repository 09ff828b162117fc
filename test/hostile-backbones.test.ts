import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { animalGrid, animals, tinyBert } from './support/grids.js';
import { finished } from './support/numbers.js';
import { Stack } from './support/stack.js';

jest.setTimeout(300_000); // a guard against hanging: machines are busy at times

const cli = resolve(__dirname, '..', 'dist', 'apps', 'cli', 'src', 'main.js');

/** Folders of backbones that would be read for ever: each is refused, by the command line where that reads
 *  it, else by the trainer. */
describe('a backbone that would be read for ever', () => {
  let stack: Stack;
  const data = mkdtempSync(join(tmpdir(), 'peftgrid-hostile-'));
  beforeAll(async () => {
    stack = await Stack.start();
    await stack.startWorker();
  });
  afterAll(async () => {
    await stack.stop();
    rmSync(data, { recursive: true, force: true });
  });

  const run = (...args: string[]) =>
    spawnSync(process.execPath, [cli, ...args], {
      encoding: 'utf8',
      env: { ...process.env, PEFTGRID_URL: stack.url },
    });

  /** A grid file over a copy of a tiny BERT that `damage` was done to, and over texts that are long enough to
   *  be slow. */
  function gridFile(name: string, damage: (folder: string) => void, task: object = {}): string {
    const folder = join(data, name);
    cpSync(tinyBert.folder, folder, { recursive: true });
    damage(folder);
    const rows = join(data, `${name}.jsonl`);
    const [first, ...rest] = readFileSync(animals, 'utf8').trim().split('\n');
    const long = { ...(JSON.parse(first!) as object), text: 'a'.repeat(60) };
    writeFileSync(rows, [JSON.stringify(long), ...rest].join('\n'));
    const grid = animalGrid(rows);
    const file = join(data, `${name}.yaml`);
    writeFileSync(
      file,
      JSON.stringify({ ...grid, backbone: { folder }, task: { ...(grid.task as object), ...task } }),
    );
    return file;
  }

  const slowly = (folder: string): void => {
    const path = join(folder, 'tokenizer.json');
    const tokenizer = JSON.parse(readFileSync(path, 'utf8')) as object;
    const normalizer = { type: 'Replace', pattern: { Regex: '([a-z ,.]+)+$X' }, content: 'x' };
    writeFileSync(path, JSON.stringify({ ...tokenizer, normalizer }));
  };

  async function reasonOf(file: string): Promise<string> {
    const { stdout, stderr, status } = run('submit', file, '--json');
    if (status !== 0) return stderr;
    const { id } = JSON.parse(stdout) as { id: string };
    return (await finished(stack.client, id)).map((cell) => cell.why).join();
  }

  it('is invalid where its tokenizer takes years for a text, and others train on', async () => {
    expect(await reasonOf(gridFile('text', slowly))).toMatch(
      /^invalid: .*tokenizer.json took more than 5\.\d+ s for a text of \d+: its patterns are /,
    );
    const { id } = await stack.client.submit({ name: 'sound', grids: [animalGrid(animals)] });
    expect((await finished(stack.client, id)).map((cell) => cell.state)).toEqual(['succeeded']);
  });

  it('is refused by the command line where its tokenizer takes years for a label word', async () => {
    const task = { labelWords: { cat: 'c'.repeat(60), dog: 'd'.repeat(60) } };
    expect(await reasonOf(gridFile('word', slowly, task))).toMatch(
      /tokenizer.json took more than 5\.\d+ s for a text of \d+/,
    );
  });

  it('is refused where its weights or its tokenizer are a pipe', async () => {
    for (const name of ['model.safetensors', 'tokenizer.json', 'config.json']) {
      const piped = gridFile(`pipe-${name}`, (folder) => {
        rmSync(join(folder, name));
        expect(spawnSync('mkfifo', [join(folder, name)]).status).toBe(0);
      });
      expect(await reasonOf(piped)).toMatch(new RegExp(`${name} is (a pipe|no file)`));
    }
  });

  it('is invalid where it claims a billion layers', async () => {
    const deep = gridFile('deep', (folder) => {
      const path = join(folder, 'config.json');
      writeFileSync(
        path,
        JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), num_hidden_layers: 1e9 }),
      );
    });
    expect(await reasonOf(deep)).toMatch(/^invalid: .*config.json: num_hidden_layers is 1000000000/);
  });
});
