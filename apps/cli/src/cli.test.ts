import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandOf, isAlive } from '#db/process-identity.js';
import { readServer } from './server-record.js';
import { root } from './root.js';

// The real program in a process of its own, on a home of its own, with real servers: built by the launcher
// where it is stale.
const launcher = join(root, 'peftgrid');
let home: string;

const peftgrid = (...args: string[]) => runWith({}, ...args);

function runWith(env: Record<string, string>, ...args: string[]) {
  const { PEFTGRID_URL: _url, ...own } = process.env;
  return spawnSync(launcher, args, {
    encoding: 'utf8',
    cwd: home,
    env: { ...own, PEFTGRID_HOME: home, ...env },
  });
}

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'peftgrid-cli-'));
  symlinkSync(
    join(process.env['PEFTGRID_HOME'] ?? join(homedir(), '.peftgrid'), 'engine'),
    join(home, 'engine'),
  );
  peftgrid('--help');
}, 120_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));

function file(name: string, text: string): string {
  writeFileSync(join(home, name), text);
  return name;
}

const base =
  'name: g\nbackbone: { name: minilm-l6 }\ntask: { name: wordnet-supersense }\nmethod: { name: head }\n';

describe('arguments', () => {
  it.each([
    [['submti'], "unknown command 'submti'"],
    [['ls', '--jsn'], "unknown option '--jsn' (Did you mean --json?)"],
    [['help', 'submti'], "unknown command 'submti'"],
    [['submit'], "missing required argument 'file'"],
    [['up', '--port', 'x'], 'expected a whole number from 0 to 65535'],
    [['table', 'x', '--format', 'word'], 'Allowed choices are text, markdown, csv, json, latex'],
    [['bench', 'nothing'], 'there is no benchmark "nothing"; there are engine'],
    [['ls'], 'no server is running: start one with ./peftgrid up'],
    [['export', 'x', '--merge'], "unknown option '--merge'"],
    [
      ['submit', join(root, 'examples/file-task.yaml'), '--requires', ','],
      '--requires is ","; expected labels',
    ],
    [['up', '--host', '0.0.0.0'], 'others can reach 0.0.0.0: set PEFTGRID_TOKEN to a secret first'],
  ])('%j is refused in one sentence', (args, sentence) => {
    const { status, stdout, stderr } = peftgrid(...args);
    expect(stderr).toMatch(/^peftgrid: /);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  });

  it('gives its version, and help without a word about it', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(peftgrid('--version').stdout).toMatch(
      new RegExp(`^${version.replaceAll('.', '\\.')}( \\([0-9a-f]{7,}\\))?\n$`),
    );
    const [help, flag, nothing] = [peftgrid('help'), peftgrid('--help'), peftgrid()];
    expect(help).toMatchObject({ status: 0, stdout: flag.stdout, stderr: '' });
    expect(nothing).toMatchObject({ status: 1, stdout: '', stderr: flag.stdout }); // nothing was asked for
    expect(peftgrid('engine')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^Usage: peftgrid engine/),
    });
    expect(help.stdout + peftgrid('engine').stderr).not.toContain('outputHelp');
  });

  it('says where no server answers', () => {
    expect(runWith({ PEFTGRID_URL: 'http://127.0.0.1:9' }, 'ls').stderr).toBe(
      'peftgrid: no answer from the server at http://127.0.0.1:9\n',
    );
    expect(runWith({ PEFTGRID_URL: 'nowhere' }, 'ls').stderr).toContain('PEFTGRID_URL is "nowhere"');
  });
});

describe('a bad grid file', () => {
  it.each([
    ['missing.yaml', null, 'there is no file missing.yaml'],
    ['empty.yaml', '', 'the grid file is empty'],
    ['broken.yaml', 'name: [a\n', 'line 2, column 1'],
    [
      'knob.yaml',
      base.replace('head', 'prompt-tuning, lenght: 3'),
      'grids[0].method.lenght: no such knob of prompt-tuning; did you mean "method.length"?',
    ],
    ['long.yaml', base.replace('head', 'prompt-tuning, length: 600'), 'grids[0].method.length: '],
    ['backbone.yaml', base.replace('minilm-l6', 'mini'), '"mini" is no backbone'],
    [
      'huge.yaml',
      `${base}grid: { seed: [${Array.from({ length: 1001 }, (_, i) => i)}], training.steps: [${Array.from({ length: 1000 }, (_, i) => i + 1)}] }`,
      'the experiment has 1001000 cells; at most 100000 are allowed',
    ],
    ['folder.yaml', base.replace('name: minilm-l6', 'folder: ./nowhere'), '/nowhere does not exist'],
    [
      'data.yaml',
      base.replace('{ name: wordnet-supersense }', '{ name: file, path: none.csv, input: "{a}", label: b }'),
      'none.csv',
    ],
  ])('%s is refused, by name and place', (name, text, sentence) => {
    if (text !== null) file(name, text);
    for (const command of ['plan', 'run']) {
      const { status, stdout, stderr } = peftgrid(command, name, '--json');
      expect(stderr).toMatch(/^peftgrid: /);
      expect(stderr).toContain(sentence);
      expect(status).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({ error: { message: expect.any(String) } });
    }
  });

  it('of a missing column names it and what there is', () => {
    file('rows.csv', 'text,kind\na,b\n');
    const name = file(
      'column.yaml',
      base.replace(
        '{ name: wordnet-supersense }',
        '{ name: file, path: rows.csv, input: "{text}", label: label }',
      ),
    );
    expect(peftgrid('plan', name).stderr).toMatch(
      /grids\[0\].task: .*rows.csv, line 2: no column "label".*there are text, kind/,
    );
  });
});

it('says which files are not there, before it asks for a server', () => {
  const task = '{ name: file, path: none.csv, input: "{a}", label: b }';
  const name = file('far.yaml', base.replace('{ name: wordnet-supersense }', task));
  for (const command of ['plan', 'submit', 'run'])
    expect(peftgrid(command, name).stderr).toMatch(
      /grids\[0\].task.path: .*none.csv does not exist.*expected a data file/,
    );
  const suite = base.replace('{ name: wordnet-supersense }', '{ suite: glue, path: none }');
  expect(peftgrid('plan', file('suite.yaml', suite)).stderr).toMatch(
    /CoLA\/dev.tsv does not exist.*to leave this task out: exclude: \[{ task.dataset: cola }\]/,
  );
});

const t5 = join(root, 'libs', 'models', 'src', 'fixtures', 't5-v1.1');

it('trains a file without a server, prints its table, and trains nothing twice', () => {
  const name = file(
    'run.yaml',
    `name: small
backbone: { folder: ${t5} }
task: { name: wordnet-supersense, train: 16, validation: 16, test: 16, maxLength: 16 }
method: { name: prompt-tuning, length: 1 }
training: { steps: 2, batch: 8 }
grid: { method.length: [1, 2], seed: [1, 2] }
`,
  );
  const first = peftgrid('run', name);
  expect(first).toMatchObject({ status: 0, stdout: expect.stringMatching(/^method.length +accuracy\n/) });
  expect(first.stdout).toContain('95 % t-interval over seeds, n = 2');
  expect(first.stderr).toContain(`results: ${join(home, 'runs', 'small')}`);
  const again = peftgrid('run', name);
  expect(again.stdout).toBe(first.stdout);
  expect(again.stderr).not.toContain('training');
  expect(first.stderr.split('\n').filter((line) => line && !line.startsWith('peftgrid: '))).toEqual([]);
  const [folder, out] = [join(home, 'runs', 'small'), join(home, 'exported')];
  expect(peftgrid('table', folder).stdout).toBe(first.stdout); // no server runs
  expect(peftgrid('table', 'runs').stderr).toContain('no server is running');
  expect(peftgrid('table', './runs').stderr).toContain('the folder ./runs holds no cells.json');
  expect(peftgrid('export', folder, '--out', out)).toMatchObject({ status: 0, stdout: `${out}\n` });
  expect(readdirSync(join(out, 'adapters', 'small-3')).toSorted()).toEqual([
    'adapter_config.json',
    'adapter_model.safetensors',
    'labels.json',
  ]);
  expect(readFileSync(join(out, 'cells.csv'), 'utf8').split('\n')).toHaveLength(6);
  expect(peftgrid('plan', name).stdout).toContain(
    '4 cells, 4 trials (4 tune); no server is running, so what is done already is not known',
  );
  expect(JSON.parse(peftgrid('plan', name, '--json').stdout)).toMatchObject({
    cells: 4,
    trials: 4,
    reused: null,
  });
}, 120_000);

describe('up', () => {
  const animals = join(root, 'test', 'fixtures', 'animals.txt');
  const grid = `name: small
backbone: { folder: ${t5} }
task: { name: wordnet-supersense, train: 64, validation: 32, test: 32, maxLength: 16 }
method: { name: prompt-tuning }
training: { steps: 4, batch: 8 }
grid: { method.length: [1, 2], seed: [1, 2] }
baselines:
  - { method: { name: head } }
  - { method: { name: lora, rank: 2 }, backbone.adapt: { steps: 2, batch: 2, length: 16, corpus: { sources: [{ path: ${animals} }] } } }
`;

  it('submits, watches, tabulates, explains, exports; refuses a second one; leaves nothing behind', async () => {
    file('small.yaml', grid);
    const child = spawn(launcher, ['up', '--port', '0', '--json'], {
      env: { ...process.env, PEFTGRID_HOME: home },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said = await new Promise<string>((resolve) =>
      child.stdout.once('data', (d: Buffer) => resolve(d.toString())),
    );
    const { url, pid } = JSON.parse(said) as { url: string; pid: number };
    try {
      expect(readServer(home)).toMatchObject({ url, pid });
      expect(peftgrid('up').stderr).toContain(
        `a server of ${home} is running already (process ${pid}): ${url}`,
      );
      expect(JSON.parse(peftgrid('plan', 'small.yaml', '--json').stdout)).toMatchObject({
        cells: 8,
        trials: 9,
        reused: 0,
      });

      const watched = peftgrid('submit', 'small.yaml', '--watch', '--json');
      expect(watched.stderr).toContain('9 of 9 succeeded · finished');
      expect(watched.stderr).not.toContain('\u001B'); // no terminal, no cursor movements
      expect(watched.status).toBe(0);
      const news = watched.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { type: string; state?: string });
      expect(news[0]).toMatchObject({ type: 'experiment', name: 'small', state: 'active' });
      expect(news.filter((n) => n.type === 'trial' && n.state === 'succeeded')).toHaveLength(9);
      expect(news.filter((n) => n.type === 'end')).toHaveLength(1);
      const { experiment, cells } = news.at(-1) as unknown as {
        experiment: { id: string };
        cells: { id: string; state: string }[];
      };
      expect(cells.map((c) => c.state)).toEqual(Array.from({ length: 8 }, () => 'succeeded'));

      expect(JSON.parse(peftgrid('ls', '--json').stdout)).toMatchObject([
        { id: experiment.id, state: 'finished' },
      ]);
      const table = peftgrid('table', experiment.id.slice(0, 6)).stdout;
      expect(table).toMatch(/^method.length\s+accuracy/);
      expect(table).toMatch(/\n1 +\d+\.\d .*\n2 +\d+\.\d /);
      expect(peftgrid('table', 'small', '--json', '--format', 'csv')).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('--json and --format csv ask for two formats'),
      });
      for (const line of ['head', 'majority: ', 'naive-bayes: ', 'n = 2']) expect(table).toContain(line);
      expect(peftgrid('table', 'small', '--format', 'csv').stdout.split('\n')[0]).toContain(
        'method.length,baseline,metric,mean',
      );
      expect(peftgrid('table', 'small', '--rows', 'nothing').stderr).toMatch(
        /no axis "nothing"; small has (seed, method.length|method.length, seed)$/m,
      );
      expect(peftgrid('table', 'small', '--metric', 'nope')).toMatchObject({
        status: 1,
        stdout: '',
        stderr: expect.stringMatching(/there are .*accuracy, .*stepMs/),
      });
      expect(peftgrid('table', 'small', '--rows', 'method.length,seed').stdout).toMatch(
        /^method.length +seed +accuracy/,
      );
      expect(peftgrid('table', 'small', '--rows', 'method.length', 'seed').stdout).toMatch(
        /^method.length +seed +accuracy/,
      );
      expect(peftgrid('ls').stdout).toMatch(/\d{4}-\d\d-\d\d \d\d:\d\d [+-]\d\d:\d\d\n$/);
      const said = peftgrid('why', 'small/0').stdout;
      expect(said).toMatch(/ {2}adapter at step 4: [1-9][\d.]* (B|kB)$/m);
      expect(said).toMatch(/ {2}test: .*accuracy \d+\.\d %/);
      expect(peftgrid('why', cells[0]!.id.slice(0, 8)).stdout).toContain('succeeded: ');
      expect(peftgrid('why', 'small/5').stdout).toContain('cell small/5 of small');
      expect(peftgrid('why', 'zzzzzz').stderr).toContain('no cell or trial "zzzzzz"');
      expect(peftgrid('cancel', 'zzzzzz').stderr).toContain('no experiment "zzzzzz"');

      const out = join(home, 'out');
      expect(peftgrid('export', 'small', '--out', out).stdout).toBe(`${out}\n`);
      expect(existsSync(join(out, 'adapters', 'small-0', 'adapter_config.json'))).toBe(true);
      expect(readFileSync(join(out, 'cells.csv'), 'utf8').split('\n')).toHaveLength(10);

      const models = peftgrid('export', 'small', '--out', out, '--merged', '--json');
      expect(JSON.parse(models.stdout)).toMatchObject({ folder: out, cells: 8, merged: 2 });
      expect(models.stderr).toContain(
        'no weights of the model can hold what they add: prompt-tuning (4 cells), head (2 cells)\n',
      );
      expect(readdirSync(join(out, 'merged'))).toEqual(['small-6', 'small-7']);
      const hashes = ['small-6', 'small-7'].map((name) => hashOf(join(out, 'merged', name)));
      expect(new Set([...hashes, hashOf(t5)]).size).toBe(3);

      file('prompts.yaml', grid.replace(/baselines:[^]*/, '').replace('name: small', 'name: prompts'));
      expect(peftgrid('submit', 'prompts.yaml').status).toBe(0);
      const none = peftgrid('export', 'prompts', '--merged');
      expect(none.stderr).toBe(
        'peftgrid: no cell has a method that a model’s weights can hold: prompt-tuning (4 cells)\n',
      );
      expect([none.status, existsSync(join(home, 'prompts'))]).toEqual([1, false]);

      const again = JSON.parse(peftgrid('submit', 'small.yaml', '--json').stdout) as object;
      expect(again).toMatchObject({ cells: 8, reused: 8, state: 'finished' });
    } finally {
      child.kill('SIGTERM');
      await new Promise((resolve) => child.once('close', resolve));
    }
    expect(readServer(home)).toBeNull();
    expect(peftgridsOf(home)).toEqual([]);
  }, 180_000);

  it('takes everything with it when it is killed, and starts again', async () => {
    for (const signal of ['SIGKILL', 'SIGHUP'] as const) {
      const child = spawn(launcher, ['up', '--port', '0', '--json'], {
        env: { ...process.env, PEFTGRID_HOME: home },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      await new Promise((resolve) => child.stdout.once('data', resolve));
      process.kill(child.pid!, signal);
      await new Promise((resolve) => child.once('exit', resolve));
      await until(() => peftgridsOf(home).length === 0);
      expect(isAlive({ pid: child.pid!, started: null })).toBe(false);
    }
  }, 120_000);

  it('says that the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    expect(peftgrid('up', '--port', String(port)).stderr).toContain(`port ${port} is taken`);
    other.close();
  });
});

function hashOf(folder: string): string {
  return (JSON.parse(peftgrid('backbone', 'verify', folder, '--json').stdout) as { hash: string }).hash;
}

/** Processes that were told of this home, by what they were started with. */
function peftgridsOf(folder: string): string[] {
  const told = (pid: string): boolean => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`PEFTGRID_HOME=${folder}`);
    } catch {
      return false; // it is gone, or not ours
    }
  };
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && told(name));
  return ids
    .map((pid) => commandOf(Number(pid)))
    .filter((command) => command !== '' && !command.includes('jest'));
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 200));
}
