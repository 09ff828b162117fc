import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Precision } from '#contracts/precision.js';
import { HostRandom } from '#engine/host-random.js';
import { peftgridHome } from '#engine/install/library.js';
import { engineEnvironment } from '#engine/native/process-environment.js';
import { childJson } from './child-json.js';
import { chosenRows } from './chosen-rows.js';
import type { GenerateAsked, GenerateReport } from './generate-run.js';
import { type GenerateRow, generateRows } from './generate-shapes.js';
import { type PeerPrecision, precisionOf, precisionsBeside } from './in-precision.js';
import { busyCores, machine } from './machine.js';
import { methodBackbone } from './method-backbone.js';
import { median, round } from './numbers.js';
import { peerPython } from './peer-environment.js';

/** `peftgrid bench generate [--peers] [--json] [--tokens 32] [--repeats 3] [--only FAMILY/BATCH-HOW]
 *  [--precision bfloat16]`: tokens a second that are written greedily and with 4 beams, beside transformers'
 *  generate on the same random weights, from one folder. Prompts are random ids without padding. Every
 *  measurement is a process of its own. Quoted is the best and the median of the repeats, loading and the
 *  first run left out, which traces our steps. Tokens are those of the texts given back, and whether both
 *  sides wrote the same is said. In bfloat16 ours is measured in float32 as well, and the peer in float32,
 *  under autocast and with weights in bfloat16, of which the fastest counts. */

const root = resolve(__dirname, '..', '..');
const peersFolder = join(root, 'bench', 'peers');
const threads = cpus().length;
const say = (line: string) => void process.stderr.write(`${line}\n`);

interface Result {
  family: string;
  method: string;
  ours: number; // tokens a second, of the median
  ours_best: number;
  first_s: number;
  over_float32: number | null; // ours in bfloat16 over ours in float32, of the bests
  peer_precision: PeerPrecision | null; // the peer's fastest
  peer: number | null;
  peer_best: number | null;
  ratio: number | null;
  ratio_best: number | null;
  same: number | null; // texts that are equal
  texts: number;
}

function main(): void {
  const { values } = parseArgs({
    options: {
      peers: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      tokens: { type: 'string', default: '32' },
      repeats: { type: 'string', default: '3' },
      only: { type: 'string', default: '' },
      precision: { type: 'string', default: 'float32' },
    },
  });
  const precision = precisionOf(values.precision);
  const [tokens, repeats] = (['tokens', 'repeats'] as const).map((name) => countOf(name, values[name])) as [
    number,
    number,
  ];
  const rows = chosenRows(generateRows(), values.only);
  const busy = busyCores();
  const python = values.peers ? peerPython(peftgridHome(), peersFolder, say) : null;
  const results = rows.map((row) => measured(row, { tokens, repeats, python, precision }));
  say(machine(busy));
  if (!values.json) process.stdout.write(`${table(results)}\n`);
  process.stdout.write(`${JSON.stringify(results)}\n`);
}

function countOf(option: string, text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 10_000)
    throw new Error(`--${option} is "${text}", expected a whole number from 1 to 10000`);
  return count;
}

interface Settings {
  tokens: number;
  repeats: number;
  python: string | null;
  precision: Precision;
}

function measured(row: GenerateRow, { tokens, repeats, python, precision }: Settings): Result {
  const random = new HostRandom(1, 'bench');
  const { shape, batch, beams } = row;
  const prompt = () => Array.from({ length: shape.source }, () => 2 + random.below(shape.vocabulary - 2));
  const prompts = Array.from({ length: batch }, prompt);
  const folder = methodBackbone(peftgridHome(), shape);
  const asked = { folder, prompts, beams, tokens, repeats, threads };
  const script = join(__dirname, 'generate-run.js');
  const own = (precision: Precision) => {
    const given = JSON.stringify({ ...asked, precision } satisfies GenerateAsked);
    return childJson<GenerateReport>(process.execPath, [script, given], engineEnvironment());
  };
  const ours = own(precision);
  const wide = precision === 'float32' ? null : own('float32');
  const peers = (python === null ? [] : precisionsBeside(precision)).map((beside) => {
    const given = JSON.stringify({ ...asked, precision: beside });
    const report = childJson<GenerateReport>(python!, [join(peersFolder, 'generate.py'), given]);
    return { precision: beside, report };
  });
  const result = resultOf(row, { ours, wide, peers });
  const beside =
    result.peer === null
      ? ''
      : `, peer ${result.peer}: ${result.ratio} times, ${result.same} of ${batch} texts the same`;
  say(`${row.family}/${row.method}: ours ${result.ours} tokens/s${beside}`);
  return result;
}

interface Reports {
  ours: GenerateReport;
  wide: GenerateReport | null; // ours in float32, where that is not what is asked for
  peers: readonly { precision: PeerPrecision; report: GenerateReport }[];
}

function resultOf({ family, method }: GenerateRow, { ours, wide, peers }: Reports): Result {
  const [own, best] = speeds(ours);
  const [peer] = peers.toSorted((a, b) => speeds(b.report)[1] - speeds(a.report)[1]);
  const [theirs, theirBest] = peer ? speeds(peer.report) : [];
  return {
    family,
    method,
    ours: round(own, 1),
    ours_best: round(best, 1),
    first_s: round(ours.first, 1),
    over_float32: wide && round(best / speeds(wide)[1], 2),
    peer_precision: peer?.precision ?? null,
    peer: theirs === undefined ? null : round(theirs, 1),
    peer_best: theirBest === undefined ? null : round(theirBest, 1),
    ratio: theirs === undefined ? null : round(own / theirs, 2),
    ratio_best: theirBest === undefined ? null : round(best / theirBest, 2),
    same: peer ? ours.ids.filter((ids, i) => `${ids}` === `${peer.report.ids[i]}`).length : null,
    texts: ours.ids.length,
  };
}

/** Tokens a second, of the median and of the best repeat. */
function speeds({ seconds, ids }: GenerateReport): [number, number] {
  const tokens = ids.reduce((sum, text) => sum + text.length, 0);
  return [tokens / median(seconds), tokens / Math.min(...seconds)];
}

function table(results: readonly Result[]): string {
  const lines = [
    '| texts | ours, median (best) tokens/s | over our own float32 | peer, median (best) tokens/s | in | ratio, median (best) | same texts | first run, s |',
    '|---|---|---|---|---|---|---|---|',
  ];
  for (const r of results) {
    const peer =
      r.peer === null
        ? ['–', '–', '–', '–']
        : [
            `${r.peer} (${r.peer_best})`,
            r.peer_precision!,
            `${r.ratio} (${r.ratio_best})`,
            `${r.same}/${r.texts}`,
          ];
    const wide = r.over_float32 === null ? '–' : `${r.over_float32}x`;
    lines.push(
      `| ${[`${r.family} ${r.method}`, `${r.ours} (${r.ours_best})`, wide, ...peer, r.first_s].join(' | ')} |`,
    );
  }
  return lines.join('\n');
}

try {
  main();
} catch (error) {
  say(`peftgrid bench generate: ${(error as Error).message}`);
  process.exitCode = 1;
}
