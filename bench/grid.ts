import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Precision } from '#contracts/precision.js';
import { peftgridHome } from '#engine/install/library.js';
import { type GridFiles, gridFiles, gridShape, writeGrid } from './grid-files.js';
import { type GridRun, peerLoop, throughRun, throughServer } from './grid-runs.js';
import { type PeerPrecision, precisionOf } from './in-precision.js';
import { busyCores, machine } from './machine.js';
import { median, round } from './numbers.js';
import { peerPython } from './peer-environment.js';

/** `peftgrid bench grid [--peers] [--json] [--repeats 1] [--precision bfloat16]`: a whole ablation of 15
 *  trials, prompts of 5 lengths x 3 initialisations on a T5 of width 256, 30 steps each, from the start of
 *  the first process to the table: through `run`, through a server, and the plain loop over transformers +
 *  peft, in float32 and under autocast, that a researcher would write. They take turns. Each trial loads the
 *  backbone, trains, and answers 64 examples; ours answers them twice, to choose parameters and to test, and
 *  keeps what was said. What the trials of `run` spend their time on is told. Ours has a home of its own, so
 *  that nothing was trained before; compiled loops are taken from the user's, as the second grid of a user
 *  finds them. */

const peersFolder = join(resolve(__dirname, '..', '..'), 'bench', 'peers');
const say = (line: string) => void process.stderr.write(`${line}\n`);

interface Result {
  how: string;
  precision: Precision | PeerPrecision;
  seconds: number; // the median
  best_s: number;
  over_peer: number | null; // the fastest peer's best over ours
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      peers: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      repeats: { type: 'string', default: '1' },
      precision: { type: 'string', default: 'float32' },
    },
  });
  const repeats = Number(values.repeats);
  if (!Number.isInteger(repeats) || repeats < 1 || repeats > 100)
    throw new Error(`--repeats is "${values.repeats}", expected a whole number from 1 to 100`);
  const precision = precisionOf(values.precision);
  const home = peftgridHome();
  const python = values.peers ? peerPython(home, peersFolder, say) : null;
  const busy = busyCores();
  const folder = mkdtempSync(join(tmpdir(), 'peftgrid-bench-'));
  try {
    const files = gridFiles(home, folder);
    const results = await measured({ home, folder, files, precision, python, repeats });
    say(machine(busy));
    if (!values.json) process.stdout.write(`${table(results)}\n`);
    process.stdout.write(`${JSON.stringify(results)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Asked {
  home: string;
  folder: string;
  files: GridFiles;
  precision: Precision;
  python: string | null;
  repeats: number;
}

/** Every way, `repeats` times in turn. */
async function measured({ home, folder, files, precision, python, repeats }: Asked): Promise<Result[]> {
  const grid = writeGrid(folder, files, precision);
  const roots = [folder, files.backbone].join(':');
  const ways: {
    how: string;
    precision: Result['precision'];
    peer: boolean;
    run: () => GridRun | Promise<GridRun>;
  }[] = [
    { how: 'ours, run', precision, peer: false, run: () => throughRun(home, grid) },
    { how: 'ours, server', precision, peer: false, run: () => throughServer(home, grid, roots) },
  ];
  for (const beside of python ? (['float32', 'autocast'] as const) : [])
    ways.push({
      how: 'transformers + peft, loop',
      precision: beside,
      peer: true,
      run: () => peerLoop(python!, files, beside),
    });
  const seconds = new Map(ways.map((way) => [way, [] as number[]]));
  for (let repeat = 1; repeat <= repeats; repeat++) {
    for (const way of ways) {
      const run = await way.run();
      seconds.get(way)!.push(run.seconds);
      say(`${way.how}, ${way.precision} ${repeat}/${repeats}: ${run.seconds.toFixed(1)} s${told(run)}`);
    }
  }
  const best = (way: (typeof ways)[number]) => Math.min(...seconds.get(way)!);
  const peers = ways.filter((way) => way.peer).map(best);
  return ways.map((way) => ({
    how: way.how,
    precision: way.precision,
    seconds: round(median(seconds.get(way)!), 1),
    best_s: round(best(way), 1),
    over_peer: way.peer || peers.length === 0 ? null : round(Math.min(...peers) / best(way), 2),
  }));
}

/** What the time of a run went to, the longest phase first. */
function told({ phases = {} }: GridRun): string {
  const sorted = Object.entries(phases).toSorted(([, a], [, b]) => b - a);
  const text = sorted.map(([phase, seconds]) => `${phase} ${seconds.toFixed(1)}`).join(', ');
  return text && ` (${text})`;
}

function table(results: readonly Result[]): string {
  const { lengths, inits, steps } = gridShape;
  const lines = [
    `| ${lengths.length * inits.length} trials of ${steps} steps | precision | s, median (best) | over the fastest loop |`,
    '|---|---|---|---|',
  ];
  for (const r of results)
    lines.push(
      `| ${r.how} | ${r.precision} | ${r.seconds} (${r.best_s}) | ${r.over_peer === null ? '–' : `${r.over_peer}x`} |`,
    );
  return lines.join('\n');
}

main().catch((error: unknown) => {
  say(`peftgrid bench grid: ${(error as Error).message}`);
  process.exitCode = 1;
});
