import { cpus, homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { engineEnvironment } from '#engine/native/process-environment.js';
import type { Precision } from '#contracts/precision.js';
import { childJson } from './child-json.js';
import {
  besideFloat32,
  type BesideFloat32,
  fastest,
  type PeerPrecision,
  precisionOf,
  precisionsBeside,
  precisionTable,
} from './in-precision.js';
import { busyCores, machine } from './machine.js';
import { median, megabytes, round } from './numbers.js';
import { peerPython } from './peer-environment.js';
import { type Shape, shapes, stepFlops } from './shapes.js';

/** `peftgrid bench engine [--peers] [--json] [--repeats 3] [--steps 15] [--only NAME] [--precision
 *  bfloat16]`: the compiled training step beside PyTorch and transformers + peft. Every measurement is a
 *  process of its own; ours and the peer's take turns, so that a slow minute of the machine meets both.
 *  Quoted are the minimum and the median over all steps of all repeats. */

interface Measured {
  ms: number[];
  peer?: string;
  peakBytes: number;
  firstLoss?: number;
  firstMs?: number;
  lossGap?: number;
  peakGflops?: number;
}

interface Row {
  shape: string;
  ours_ms: number;
  ours_min_ms: number;
  peer: string | null;
  peer_ms: number | null;
  peer_min_ms: number | null;
  speedup: number | null; // of the medians
  speedup_min: number | null; // of the minima: what a busy machine disturbs least
  target: number;
  peak_share: number;
  loss_gap: number;
  first_ms: number;
  ours_peak_mb: number;
  peer_peak_mb: number | null;
  narrow: BesideFloat32 | null; // of steps in bfloat16
  peer_precision: PeerPrecision | null; // the peer's fastest
}

const root = resolve(__dirname, '..', '..');
const peersFolder = join(root, 'bench', 'peers');
const home = process.env['PEFTGRID_HOME'] ?? join(homedir(), '.peftgrid');

const { values: options } = parseArgs({
  options: {
    peers: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    repeats: { type: 'string', default: '3' },
    steps: { type: 'string', default: '15' },
    only: { type: 'string', default: '' },
    precision: { type: 'string', default: 'float32' },
  },
});
const threads = String(cpus().length);
const say = (line: string) => void process.stderr.write(`${line}\n`);

function main(): void {
  const chosen = shapes.filter((s) => s.name.toLowerCase().includes(options.only.toLowerCase()));
  if (chosen.length === 0)
    throw new Error(
      `no shape is called "${options.only}"; there are ${shapes.map((s) => s.name).join(', ')}`,
    );
  const python = options.peers ? peerPython(home, peersFolder, say) : null;
  const busy = busyCores();
  const rows = chosen.map((shape) => row(shape, python));
  say(machine(busy));
  const tables = [table(rows), precisionTable(rows.map((r) => ({ ...r, name: r.shape })))].filter(
    (t) => t !== '',
  );
  if (!options.json) process.stdout.write(`${tables.join('\n\n')}\n`);
  process.stdout.write(`${JSON.stringify(rows)}\n`);
}

function row(shape: Shape, python: string | null): Row {
  const precision = precisionOf(options.precision);
  const ours: Measured[] = [];
  const wide: Measured[] = []; // ours in float32, where that is not what is asked for
  const peers = new Map<PeerPrecision, Measured[]>();
  for (let repeat = 1; repeat <= Number(options.repeats); repeat++) {
    ours.push(ourStep(shape, precision));
    if (precision !== 'float32') wide.push(ourStep(shape, 'float32'));
    for (const beside of python ? precisionsBeside(precision) : []) {
      const report = childJson<Measured>(python!, [...peerScript(shape, beside), options.steps, threads]);
      peers.set(beside, [...(peers.get(beside) ?? []), report]);
    }
    const times = [...peers].map(
      ([name, reports]) => `, peer ${name} ${median(reports.at(-1)!.ms).toFixed(1)} ms`,
    );
    say(
      `${shape.name} ${repeat}/${options.repeats}: ours ${median(ours.at(-1)!.ms).toFixed(1)} ms${times.join('')}`,
    );
  }
  const best = fastest(peers);
  const theirs = [...(best?.measured ?? [])];
  const oursMs = median(ours.flatMap((m) => m.ms));
  const peerMs = python ? median(theirs.flatMap((m) => m.ms)) : null;
  const peak = Math.max(...ours.map((m) => m.peakGflops ?? 0)) * 1e9;
  return {
    shape: shape.name,
    ours_ms: round(oursMs, 1),
    ours_min_ms: round(minimum(ours), 1),
    peer: theirs[0]?.peer ?? null,
    peer_ms: peerMs === null ? null : round(peerMs, 1),
    peer_min_ms: peerMs === null ? null : round(minimum(theirs), 1),
    speedup: peerMs === null ? null : round(peerMs / oursMs, 2),
    speedup_min: python ? round(minimum(theirs) / minimum(ours), 2) : null,
    target: shape.target,
    peak_share: round(stepFlops(shape) / (oursMs / 1e3) / peak, 3),
    loss_gap: Math.max(...ours.map((m) => m.lossGap ?? Number.NaN)),
    first_ms: round(median(ours.map((m) => m.firstMs ?? Number.NaN)), 0),
    ours_peak_mb: megabytes(Math.max(...ours.map((m) => m.peakBytes))),
    peer_peak_mb: python ? megabytes(Math.max(...theirs.map((m) => m.peakBytes))) : null,
    narrow: wide.length > 0 ? besideFloat32(ours, wide) : null,
    peer_precision: best?.precision ?? null,
  };
}

function ourStep(shape: Shape, precision: Precision): Measured {
  const args = [join(__dirname, 'engine-step.js'), shape.name, options.steps, threads, precision];
  return childJson(process.execPath, args, engineEnvironment());
}

function peerScript(s: Shape, precision: PeerPrecision): string[] {
  const script = s.kind === 'language-model' ? 'lm_step.py' : 'hf_step.py';
  return [join(peersFolder, script), JSON.stringify({ ...s.shape, precision })];
}

const minimum = (measured: Measured[]): number => Math.min(...measured.flatMap((m) => m.ms));

function table(rows: Row[]): string {
  const lines = [
    '| step | ours, median (min) ms | peer, median (min) ms | speed-up, median (min) | target | of matmul peak | loss gap |',
    '|---|---|---|---|---|---|---|',
  ];
  for (const r of rows) {
    const peer = r.peer_ms === null ? '–' : `${r.peer_ms} (${r.peer_min_ms})`;
    const share = `${(r.peak_share * 100).toFixed(0)} %`;
    lines.push(
      `| ${r.shape} | ${r.ours_ms} (${r.ours_min_ms}) | ${peer} | ${r.speedup === null ? '–' : `${r.speedup} (${r.speedup_min})`} | ${r.target} | ${share} | ${r.loss_gap.toExponential(1)} |`,
    );
  }
  return lines.join('\n');
}

main();
