import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
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

/** Libraries whose tests start no server and train nothing: two of their files run at a time. The others run
 *  one by one, since they measure out processes, databases and both cores. */
const pure = 'libs/(analysis|artifacts|contracts|inputs|methods|models|planner|tasks)/';

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
    process.exitCode = jest(['--runInBand', ...named, ...paths]);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'peftgrid-test-'));
  const env = { PEFTGRID_TALLY: join(folder, 'tally') };
  const statuses = [
    jest(['--maxWorkers=2', ...named, '--testPathPatterns', pure], env),
    jest(['--runInBand', ...named, '--testPathIgnorePatterns', pure], env),
  ];
  // a run that broke off has none
  const runs = statuses.map((_, i) => talliesIn(env.PEFTGRID_TALLY)[i] ?? { passed: 0, failed: 1 });
  rmSync(folder, { recursive: true });
  const sum = (of: keyof Tally) => runs.reduce((all, run) => all + run[of], 0);
  process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed\n`);
  process.exitCode = statuses.find((status) => status !== 0) ?? 0;
}

/** What test/reporter.cjs writes of a run. */
interface Tally {
  passed: number;
  failed: number;
}

function talliesIn(file: string): Tally[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Tally);
}

/** Runs Jest to its end; its exit code. */
function jest(args: string[], env: Record<string, string> = {}): number {
  const bin = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const { status } = spawnSync(process.execPath, [bin, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  return status ?? 1;
}

const isThere = (name: string) =>
  spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status === 0;
