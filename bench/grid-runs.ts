import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { Verdict } from '#contracts/trainer-messages.js';
import { childJson } from './child-json.js';
import type { PeerPrecision } from './in-precision.js';
import { type GridFiles, gridShape, words } from './grid-files.js';

/** What a whole grid took, from the start of its first process to its table. */
export interface GridRun {
  seconds: number;
  table: string;
  phases?: Record<string, number>; // seconds of all trials together, and those of what is no trial's
}

const root = resolve(__dirname, '..', '..');
const launcher = join(root, 'peftgrid');

/** `peftgrid run`: one process. */
export const throughRun = (home: string, grid: string): Promise<GridRun> =>
  inOwnHome(home, async (env, own) => {
    const start = performance.now();
    const out = join(own, 'out');
    const table = called(env, ['run', grid, '--out', out]);
    const seconds = (performance.now() - start) / 1e3;
    return { seconds, table, phases: phasesIn(join(out, 'results.json'), seconds) };
  });

const Results = z.array(z.object({ verdict: Verdict }));

/** What the time went to: each phase of all trials, and what lies between and around them. */
function phasesIn(results: string, seconds: number): Record<string, number> {
  const phases: Record<string, number> = {};
  for (const { verdict } of Results.parse(JSON.parse(readFileSync(results, 'utf8'))))
    if (verdict.verdict === 'succeeded')
      for (const [phase, spent] of Object.entries(verdict.summary.phaseSeconds ?? {}))
        phases[phase] = (phases[phase] ?? 0) + spent;
  const known = Object.values(phases).reduce((sum, spent) => sum + spent, 0);
  return { ...phases, 'starting, and between trials': seconds - known };
}

/** `peftgrid up`, `submit`, `watch` and `table`: Postgres, the API, a worker and its trainer. Stopping them
 *  is not counted. */
export const throughServer = (home: string, grid: string, roots: string): Promise<GridRun> =>
  inOwnHome(home, async (env) => {
    const start = performance.now();
    const served = { ...env, PEFTGRID_ROOTS: roots };
    const server = spawn(launcher, ['up', '--port', '0'], {
      env: served,
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: root,
    });
    const ended = once(server, 'exit');
    let said = '';
    server.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    try {
      await Promise.race([
        untilUp(server.stdout),
        ended.then(() => Promise.reject(new Error(`peftgrid up ended: ${lastLine(said)}`))),
      ]);
      const { id } = JSON.parse(called(served, ['submit', grid, '--json'])) as { id: string };
      called(served, ['watch', id, '--json']);
      const table = called(served, ['table', id]);
      return { seconds: (performance.now() - start) / 1e3, table };
    } finally {
      server.kill('SIGTERM');
      await ended;
    }
  });

/** transformers + peft in a plain loop: one process that writes a CSV. */
export function peerLoop(python: string, files: GridFiles, precision: PeerPrecision): GridRun {
  const script = join(root, 'bench', 'peers', 'grid_loop.py');
  const start = performance.now();
  const asked = JSON.stringify({ ...gridShape, ...files, words, precision });
  const { rows } = childJson<{ rows: object[] }>(python, [script, asked]);
  return { seconds: (performance.now() - start) / 1e3, table: JSON.stringify(rows) };
}

/** A home that has the engine of the user's and nothing that was trained before. */
async function inOwnHome<T>(
  home: string,
  work: (env: NodeJS.ProcessEnv, own: string) => Promise<T>,
): Promise<T> {
  const own = mkdtempSync(join(tmpdir(), 'peftgrid-bench-grid-'));
  try {
    for (const name of ['engine', 'xla-cache']) {
      mkdirSync(join(home, name), { recursive: true });
      symlinkSync(join(home, name), join(own, name));
    }
    const env: NodeJS.ProcessEnv = { ...process.env, PEFTGRID_HOME: own };
    delete env['PEFTGRID_URL'];
    delete env['PEFTGRID_APART'];
    return await work(env, own);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

function called(env: NodeJS.ProcessEnv, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(launcher, args, {
    env,
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`peftgrid ${args[0]} ended with ${status}: ${lastLine(stderr)}`);
  return stdout;
}

async function untilUp(stdout: NodeJS.ReadableStream): Promise<void> {
  let said = '';
  for await (const chunk of stdout) {
    said += String(chunk);
    if (said.includes('peftgrid is up')) return;
  }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';
