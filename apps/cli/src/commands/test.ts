import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { installEngine } from '#engine/install.js';
import { peftgridHome } from '#engine/library.js';

const root = resolve(__dirname, '..', '..', '..', '..', '..');

/** Installs what tests need, runs every test (or the files named) and ends with the line "N passed, N failed". */
export async function test(paths: string[]): Promise<void> {
  const log = (line: string) => void process.stderr.write(`peftgrid: ${line}\n`);
  await installEngine({ home: peftgridHome(), cuda: false, log });
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'node_modules', 'jest', 'bin', 'jest.js'), '--runInBand', ...paths],
    {
      cwd: root,
      stdio: 'inherit',
    },
  );
  process.exitCode = status ?? 1;
}
