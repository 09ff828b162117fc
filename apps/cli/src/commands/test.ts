import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { peftgridHome } from '#engine/install/library.js';
import { aptInstall } from '../apt.js';
import { say } from '../output.js';
import { prepareEngine } from '../prepare-engine.js';
import { root } from '../root.js';
import { s3Server } from '../s3-server.js';

/** What some tests need beside Node. They are skipped without it, which is said here, before the results. */
const programs = [
  {
    names: ['chromium', 'chromium-browser', 'google-chrome'],
    debian: 'chromium',
    tests: 'the dashboard in a real browser',
  },
  {
    names: ['redis-server'],
    debian: 'redis-server',
    tests: 'queue, grids and faults on Redis (Postgres only)',
  },
];

/** Files that start servers and programs: one at a time, so that no two measure out the same machine. */
const starting = './(apps|libs/(db|inputs|queue)|test)/';
/** Files that compute: they run next to the others, one at a time on two cores, on what these leave. Whoever
 *  starts programs waits much, and what computes beside it would make each wait longer. */
const computing = './(bench|libs/(?!(db|inputs|queue)/))';

/** Each file has a process of its own. One that has run many files is large, and a large one starts others
 *  slowly: the launcher's tests took 39 s in it, and 2 s in a new one. */
const ownProcess = '--workerIdleMemoryLimit=0';
const mostWorkers = 4; // each may hold a gigabyte
const behind = 10; // of the operating system's priorities; larger gives way

/** `peftgrid test [paths…] [-t NAME]`: installs what tests need, runs every test (or the files named) and
 *  ends with the line "N passed, N failed". */
export async function test(
  paths: string[],
  { testNamePattern }: { testNamePattern?: string } = {},
): Promise<void> {
  await prepareEngine(peftgridHome());
  const missing = () => programs.filter(({ names }) => !names.some(isThere));
  const wanted = missing();
  if (wanted.length) await aptInstall(wanted.map((p) => p.debian), 'some tests need it'); // prettier-ignore
  for (const { debian, tests } of missing()) say(`SKIPPED, since ${debian} is not installed: ${tests}`);
  const noS3 = s3Server.install();
  if (noS3) say(`SKIPPED, since there is no S3 server: artifacts on S3; ${noS3}`);
  const named = testNamePattern === undefined ? [] : ['--testNamePattern', testNamePattern];
  if (paths.length > 0) {
    const { status } = spawnSync(process.execPath, [jest, '--runInBand', ...named, ...paths], {
      cwd: root,
      stdio: 'inherit',
    });
    process.exitCode = status ?? 1;
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'peftgrid-test-'));
  const cores = availableParallelism();
  const runs = [
    { of: starting, workers: 1, priority: 0 },
    { of: computing, workers: Math.min(mostWorkers, Math.max(1, cores - 1)), priority: behind },
  ].map(({ of, workers, priority }, i) => {
    const args = ['--testPathPatterns', of, `--maxWorkers=${workers}`, ...named];
    return () => runJest(args, { tallyFile: join(folder, String(i)), priority });
  });
  const tallies = cores > 1 ? await Promise.all(runs.map((run) => run())) : await oneByOne(runs);
  rmSync(folder, { recursive: true });
  const failures = tallies.flatMap((tally) => tally.failures);
  const passed = tallies.reduce((all, tally) => all + tally.passed, 0);
  for (const failure of failures) process.stdout.write(`\nfailed: ${failure}`);
  process.stdout.write(`\n${passed} passed, ${failures.length} failed\n`);
  process.exitCode = failures.length ? 1 : 0;
}

/** What test/reporter.cjs writes of a run. */
interface Tally {
  passed: number;
  failures: string[];
}

async function oneByOne<T>(runs: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  for (const run of runs) results.push(await run());
  return results;
}

/** Runs Jest to its end, with whatever it says passed on; a run that broke off counts as a failure. */
async function runJest(
  args: string[],
  { tallyFile, priority }: { tallyFile: string; priority: number },
): Promise<Tally> {
  const env = { ...process.env, PEFTGRID_TALLY: tallyFile, PEFTGRID_BUILT: '1' }; // the launcher has built
  const child = spawn(process.execPath, [jest, ownProcess, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  if (child.pid) setPriority(child.pid, priority); // before it starts others, which have it too
  child.stdout.pipe(process.stdout, { end: false });
  child.stderr.pipe(process.stderr, { end: false });
  const [code] = (await once(child, 'close')) as [number | null];
  const broken = { passed: 0, failures: [`Jest ended with ${code ?? 'a signal'} before its end`] };
  const tally = existsSync(tallyFile) ? (JSON.parse(readFileSync(tallyFile, 'utf8')) as Tally) : broken;
  const unsaid = code !== 0 && tally.failures.length === 0 ? [`Jest ended with ${code ?? 'a signal'}`] : [];
  return { ...tally, failures: [...tally.failures, ...unsaid] };
}

const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');

const isThere = (name: string) =>
  spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status === 0;
