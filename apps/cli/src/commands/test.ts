import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { peftgridHome } from '#engine/install/library.js';
import { aptInstall } from '../apt.js';
import { say } from '../output.js';
import { prepareEngine } from '../prepare-engine.js';
import { root } from '../root.js';

/** What some tests need beside Node. They are skipped without it, which is said here, before the results. */
const programs = [
  { names: ['chromium', 'chromium-browser', 'google-chrome'], debian: 'chromium', tests: 'the dashboard in a real browser' },
  { names: ['redis-server'], debian: 'redis-server', tests: 'queue, grids and faults on Redis (Postgres only)' },
];

/** `peftgrid test [paths…] [-t NAME]`: installs what tests need, runs every test (or the files named) and ends with the line "N passed, N failed". */
export async function test(paths: string[], { testNamePattern }: { testNamePattern?: string } = {}): Promise<void> {
  await prepareEngine(peftgridHome());
  const missing = () => programs.filter(({ names }) => !names.some(isThere));
  const wanted = missing();
  if (wanted.length) await aptInstall(wanted.map((p) => p.debian), 'some tests need it'); // prettier-ignore
  for (const { debian, tests } of missing()) say(`SKIPPED, since ${debian} is not installed: ${tests}`);
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const named = testNamePattern === undefined ? [] : ['--testNamePattern', testNamePattern];
  const { status } = spawnSync(process.execPath, [jest, '--runInBand', ...named, ...paths], { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}

const isThere = (name: string) => spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status === 0;
