import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { peftgridHome } from '#engine/install/library.js';
import { engineEnvironment } from '#engine/native/process-environment.js';
import type { Precision } from '#contracts/precision.js';
import { childJson } from './child-json.js';
import {
  besideFloat32,
  fastest,
  type PeerPrecision,
  precisionsBeside,
  precisionTable,
} from './in-precision.js';
import { busyCores, machine } from './machine.js';
import {
  lowRank,
  type MethodRow,
  methodRows,
  prefixLength,
  promptLength,
  startRank,
} from './method-shapes.js';
import { methodsArguments, type MethodsArguments } from './methods-arguments.js';
import { gangResults, gangTable } from './methods-gangs.js';
import { type Measurements, type Ours, type Peer, resultRows, resultTable } from './methods-row.js';
import { median } from './numbers.js';
import { peerPython } from './peer-environment.js';

/** `peftgrid bench methods [--peers] [--json] [--repeats 3] [--steps 15] [--only FAMILY/METHOD] [--gang
 *  1,2,4,8,16] [--precision bfloat16]`: a training step of every method on every family, beside transformers
 *  + peft. Every measurement is a process of its own; ours and the peer's take turns, so that a slow minute
 *  of the machine meets both. Quoted are the minimum and the median over all steps of all repeats.
 *
 *  Like is held against like: the shapes, ids without padding, AdamW, float32, no dropout; the same
 *  parameters are trained (`--counts` writes the peers' into peers/methods_counts.json, and a test holds ours
 *  equal). Ours answers a task as a trial does: an encoder-decoder writes the label word, a decoder writes it
 *  behind the text, an encoder compares its pooled text with the label words. Both sides compute logits at
 *  the answer's positions alone: transformers would compute all of a decoder's by itself, and is told not to
 *  (logits_to_keep), because most scripts could do so, and the ratio would else be about the head and not
 *  about the method. An encoder's peer is transformers' classifier, whose few parameters are trained beside
 *  the method's.
 *
 *  With --precision bfloat16 ours is measured in float32 as well, and the peer in float32, under autocast and
 *  with frozen weights in bfloat16, of which the fastest counts.
 *
 *  With --gang: a step's time a member, on t5-nano and on the T5 shape, for gangs of these sizes, and from
 *  which on they pay. */

const root = resolve(__dirname, '..', '..');
const peersFolder = join(root, 'bench', 'peers');
const peerScript = join(peersFolder, 'methods_step.py');
const threads = String(cpus().length);
const say = (line: string) => void process.stderr.write(`${line}\n`);

function main(): void {
  const args = methodsArguments(process.argv.slice(2));
  if (args.counts) return countPeers();
  // PyTorch's threads wait for each other: a busy machine slows the peers tenfold, and ours threefold
  const busy = busyCores();
  const [rows, table] = args.gang.length > 0 ? gangs(args) : methods(args);
  say(machine(busy));
  if (!args.json) process.stdout.write(`${table}\n`);
  process.stdout.write(`${JSON.stringify(rows)}\n`);
}

function methods(args: MethodsArguments): [object[], string] {
  const python = args.peers ? peerPython(peftgridHome(), peersFolder, say) : null;
  const rows = resultRows(args.rows.map((row) => measured(row, args, python)));
  const named = rows.map((r) => ({ ...r, name: `${r.family} ${r.method}` }));
  return [rows, [resultTable(rows), precisionTable(named)].filter((t) => t !== '').join('\n\n')];
}

function measured(
  row: MethodRow,
  { repeats, steps, precision }: MethodsArguments,
  python: string | null,
): Measurements {
  const ours: Ours[] = [];
  const wide: Ours[] = []; // ours in float32, where that is not what is asked for
  const peers = new Map<PeerPrecision, Peer[]>();
  let unsupported = '';
  for (let repeat = 1; repeat <= repeats; repeat++) {
    ours.push(ourStep(row, steps, { members: 1, precision }));
    if (precision !== 'float32') wide.push(ourStep(row, steps, { members: 1, precision: 'float32' }));
    if (python && row.peer && !unsupported) {
      for (const beside of precisionsBeside(precision)) {
        const report = peerStep(python, row, steps, beside);
        if ('unsupported' in report) unsupported = report.unsupported;
        else peers.set(beside, [...(peers.get(beside) ?? []), report]);
      }
    }
    const times = [...peers].map(([name, reports]) => `${name} ${median(reports.at(-1)!.ms).toFixed(1)} ms`);
    const peer = times.length > 0 ? `, peer ${times.join(', ')}` : '';
    say(
      `${row.family}/${row.method} ${repeat}/${repeats}: ours ${median(ours.at(-1)!.ms).toFixed(1)} ms${peer}`,
    );
  }
  const best = fastest(peers);
  const narrow = wide.length > 0 ? besideFloat32(ours, wide) : null;
  const peerPrecision = best?.precision ?? null;
  return {
    row,
    ours,
    theirs: best?.measured ?? [],
    unsupported: best ? '' : unsupported,
    narrow,
    peerPrecision,
  };
}

function peerStep(
  python: string,
  row: MethodRow,
  steps: number,
  precision: PeerPrecision,
): Peer | { unsupported: string } {
  const spec = JSON.stringify({ ...peerSpec(row), precision });
  return childJson<Peer | { unsupported: string }>(python, [peerScript, spec, String(steps), threads]);
}

function gangs({ rows, gang, steps, precision }: MethodsArguments): [object[], string] {
  const results = rows.flatMap((row) => {
    const measurements = gang.map((members) => {
      const ours = ourStep(row, steps, { members, precision });
      say(
        `${row.family}/${row.method}, gang of ${members}: ${(median(ours.ms) / members).toFixed(1)} ms a member`,
      );
      return ours;
    });
    return gangResults(row, gang, measurements);
  });
  return [results, gangTable(results)];
}

function ourStep(
  { family, method }: MethodRow,
  steps: number,
  { members, precision }: { members: number; precision: Precision },
): Ours {
  const script = join(__dirname, 'methods-step.js');
  const args = [script, family, method, String(steps), threads, String(members), precision];
  return childJson(process.execPath, args, engineEnvironment());
}

/** Trainable parameters of every row as the peers have them, for the test that holds ours equal. */
function countPeers(): void {
  const python = peerPython(peftgridHome(), peersFolder, say);
  const asked = methodRows().filter((r) => r.peer);
  const specs = JSON.stringify(asked.map(peerSpec));
  const reports = childJson<{ trainable?: number; unsupported?: string }[]>(python, [
    peerScript,
    specs,
    'count',
  ]);
  asked.forEach(({ family, method }, i) =>
    say(`${family}/${method}: ${reports[i]!.trainable ?? reports[i]!.unsupported}`),
  );
  const counts = asked.map(({ family, method }, i) => [`${family}/${method}`, reports[i]!.trainable]);
  writeFileSync(
    join(peersFolder, 'methods_counts.json'),
    `${JSON.stringify(Object.fromEntries(counts), null, 2)}\n`,
  );
}

function peerSpec({ shape, method }: MethodRow): object {
  const length = method === 'prompt' ? promptLength(shape) : prefixLength;
  return { ...shape, method, length, rank: lowRank, startRank };
}

try {
  main();
} catch (error) {
  say(`peftgrid bench methods: ${(error as Error).message}`);
  process.exitCode = 1;
}
