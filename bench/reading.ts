/** `peftgrid bench reading [--cells 10000] [--viewers 500] [--json]`: pages of cells, tables, and what
 *  viewers cost (not measured with --viewers 0). The API and Postgres are processes of their own on this
 *  machine, which does nothing else; trials are ended by this process. The last line is a JSON array of { id,
 *  value, unit, target, met, peer, peer_value }. */
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Database, openDatabase } from '#db/database.js';
import { startEmbeddedPostgres } from '#db/embedded.js';
import { submitExperiment } from '#db/submit.js';
import { expand } from '#planner/expand.js';
import { parseGridFile } from '#planner/parse-grid-file.js';
import { busyCores, machine } from './machine.js';
import { round } from './numbers.js';
import { summaryOf } from './reading/fake-training.js';
import { race, type Ratio } from './reading/race.js';
import { openViewers } from './reading/viewers.js';

interface Figure {
  id: string;
  value: number;
  unit: string;
  target: number | null;
  met: boolean | null;
  peer: null;
  peer_value: null;
}

const seeds = [1, 2, 3, 4, 5];
const raceCells = 80_000; // more than the race can end: it goes before what is idly watched
const idleMs = 60_000;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Five seeds of each point of two axes. */
function gridOf(cells: number, name: string, firstStep: number): string {
  const points = Math.max(1, Math.round(cells / seeds.length));
  const lengths = Math.min(100, points);
  const values = (n: number, from: number) => Array.from({ length: n }, (_, i) => from + i).join(', ');
  return `name: ${name}
backbone: { name: minilm-l6 }
task: { name: wordnet-supersense }
method: { name: prompt-tuning }
grid:
  method.length: [${values(lengths, 1)}]
  training.steps: [${values(Math.ceil(points / lengths), firstStep)}]
  seed: [${seeds.join(', ')}]
`;
}

async function submit(db: Database, text: string, priority = 0): Promise<string> {
  const request = { ...parseGridFile(text), priority };
  return (await submitExperiment(db, { request, plan: expand(request), owner: 'local' })).id;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      cells: { type: 'string', default: '10000' },
      viewers: { type: 'string', default: '500' },
      json: { type: 'boolean', default: false },
    },
  });
  const [cells, viewers] = [Number(values.cells), Number(values.viewers)];
  if (!(cells >= 1_000 && cells <= 100_000) || !(viewers >= 0 && viewers <= 20_000))
    throw new Error('expected --cells 1000 to 100000 and --viewers 0 to 20000');
  const busy = busyCores();
  const figures = await measured(cells, viewers);
  say(machine(busy));
  if (!values.json)
    for (const { id, value, unit, target } of figures)
      process.stdout.write(`${id}\t${value} ${unit}\t${target ?? ''}\n`);
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

async function measured(cells: number, viewers: number): Promise<Figure[]> {
  const home = mkdtempSync(join(tmpdir(), 'peftgrid-bench-'));
  const postgres = await startEmbeddedPostgres(home);
  const env = {
    ...process.env,
    DATABASE_URL: postgres.url,
    PEFTGRID_HOME: home,
    PORT: '0',
    HOST: '127.0.0.1',
    REDIS_URL: '',
    PEFTGRID_TOKEN: '',
  };
  const api = fork(join(__dirname, '..', 'apps', 'api', 'src', 'main.js'), {
    env,
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
  });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      api.stdout!.on('data', (text: Buffer) => {
        const found = /listening on (\S+)/.exec(text.toString())?.[1];
        if (found) resolve(found);
      });
      api.once('exit', () => reject(new Error('the API ended before it listened')));
    });
    const db = await openDatabase(postgres.url);
    try {
      const read = await measureReading(db, url, cells);
      return viewers === 0 ? read : [...read, ...(await measureViewers(db, url, viewers))];
    } finally {
      await db.close();
    }
  } finally {
    const gone = once(api, 'exit');
    api.kill('SIGTERM');
    await gone;
    await postgres.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

async function measureReading(db: Database, url: string, cells: number): Promise<Figure[]> {
  const id = await submit(db, gridOf(cells, 'read', 100));
  const page = (i: number) => `/api/experiments/${id}/cells?limit=1000&cursor=${(i * 1000) % (cells - 999)}`;
  const table = `/api/experiments/${id}/table?format=csv`;
  const fresh = await p95(url, page, 100);
  await db.pool.query(
    `update "Trial" set state = 'succeeded', step = steps,
       summary = jsonb_set($1::jsonb, '{test,accuracy}', to_jsonb(0.5 + random() / 2))
     where id in (select "trialId" from "ExperimentTrial" where "experimentId" = $2)`,
    [JSON.stringify(summaryOf(0)), id],
  );
  const cold = await p95(url, () => table, 1);
  const target = cells > 10_000 ? 300 : 50;
  const changed = async (): Promise<void> => {
    const one = await db.prisma.cell.findFirstOrThrow({
      where: { experimentId: id },
      orderBy: { position: 'desc' },
    });
    await db.prisma.trial.update({
      where: { id: one.trialId },
      data: { summary: { ...summaryOf(Math.random()) } },
    });
    const payload = { type: 'trial', trialId: one.trialId, state: 'succeeded', step: 100, why: '' };
    await db.prisma.event.create({ data: { trialId: one.trialId, payload } });
  };
  return [
    figure('pages of 1,000 cells right after submit, p95', fresh, 'ms', 50),
    figure('pages of 1,000 finished cells, p95', await p95(url, page, 100), 'ms', 50),
    figure(`the first table of ${cells} cells`, cold, 'ms', null),
    figure(`table of ${cells} cells, p95`, await p95(url, () => table, 100), 'ms', target),
    figure(
      `table of ${cells} cells, a trial ending before each, p95`,
      await p95(url, () => table, 40, changed),
      'ms',
      target,
    ),
    figure(
      `peftgrid table of ${cells} cells, from its start to its end`,
      commandMs(url, id),
      'ms',
      cells > 10_000 ? null : 1_000,
    ),
    figure('an experiment’s state, p95', await p95(url, () => `/api/experiments/${id}`, 40), 'ms', null),
  ];
}

/** The middle of three runs of the command, each a process of its own. */
function commandMs(url: string, id: string): number {
  const main = join(__dirname, '..', 'apps', 'cli', 'src', 'main.js');
  const took = [1, 2, 3].map(() => {
    const from = performance.now();
    const { status, stderr } = spawnSync(process.execPath, [main, 'table', id], {
      env: { ...process.env, PEFTGRID_URL: url, PEFTGRID_TOKEN: '' },
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'], // a large table is megabytes
    });
    if (status !== 0) throw new Error(`peftgrid table ended with ${status}: ${stderr}`);
    return performance.now() - from;
  });
  return Math.round(took.toSorted((a, b) => a - b)[1]!);
}

async function measureViewers(db: Database, url: string, count: number): Promise<Figure[]> {
  const id = await submit(db, gridOf(10_000, 'watched', 1_000));
  const viewers = await openViewers(url, id, count);
  await sleep(1_000);
  const before = await viewers.bytes();
  await sleep(idleMs);
  const idle = (((await viewers.bytes()) - before) / count / idleMs) * 60_000;
  await viewers.close();
  const raced = await race(db, url, await submit(db, gridOf(raceCells, 'raced', 10_000), 1), count);
  const { alone, live, each } = raced.rates;
  say(`trials a second, without viewers, with ${count}, and where each event is told to ${count}:`);
  alone.forEach((one, i) => say([one, live[i]!, each[i]!].map((own) => round(own, 1)).join('\t')));
  const ratio = (name: string, { middle, least, most }: Ratio, target: number | null): Figure[] => [
    {
      ...figure(name, round(middle, 3), 'ratio', target),
      met: target === null ? null : middle >= target,
    },
    figure(`${name}, least of ${alone.length} pairs`, round(least, 3), 'ratio', null),
    figure(`${name}, most of ${alone.length} pairs`, round(most, 3), 'ratio', null),
  ];
  return [
    figure('an idle viewer of 10,000 active cells, a minute', round(idle / 1e3, 2), 'kB', 100),
    ...ratio(`dispatch with ${count} viewers beside none`, raced.live, 0.95),
    ...ratio(`the same where each event is told to ${count}`, raced.each, null),
  ];
}

async function p95(
  url: string,
  path: (i: number) => string,
  times: number,
  before?: () => Promise<void>,
): Promise<number> {
  const took: number[] = [];
  for (let i = 0; i < times; i++) {
    await before?.();
    const from = performance.now();
    const response = await fetch(url + path(i));
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${path(i)} was answered ${response.status}`);
    took.push(performance.now() - from);
  }
  return round(took.toSorted((a, b) => a - b)[Math.ceil(0.95 * times) - 1]!, 1);
}

function figure(id: string, value: number, unit: string, target: number | null): Figure {
  return {
    id,
    value,
    unit,
    target,
    met: target === null ? null : value <= target,
    peer: null,
    peer_value: null,
  };
}

main().catch((error: unknown) => {
  process.stderr.write(`bench reading: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
