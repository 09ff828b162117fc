import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { HostRandom } from '#engine/host-random.js';
import { peftgridHome } from '#engine/install/library.js';
import { engineEnvironment } from '#engine/native/process-environment.js';
import { childJson } from './child-json.js';
import { chosenRows } from './chosen-rows.js';
import type { GenerateAsked, GenerateReport } from './generate-run.js';
import { type GenerateRow, generateRows } from './generate-shapes.js';
import { busyCores, machine } from './machine.js';
import { methodBackbone } from './method-backbone.js';
import { median, round } from './numbers.js';
import { peerPython } from './peer-environment.js';

/** `peftgrid bench generate [--peers] [--json] [--tokens 32] [--repeats 3] [--only FAMILY/BATCH-HOW]`: tokens
 *  a second that are written greedily and with 4 beams, beside transformers' generate on the same random
 *  weights, from one folder, in float32. Prompts are random ids without padding. Every measurement is a
 *  process of its own. Quoted is the best and the median of the repeats, loading and the first run left out,
 *  which traces our steps. Tokens are those of the texts given back, and whether both sides wrote the same is
 *  said. */

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
    },
  });
  const [tokens, repeats] = (['tokens', 'repeats'] as const).map((name) => countOf(name, values[name])) as [
    number,
    number,
  ];
  const rows = chosenRows(generateRows(), values.only);
  const busy = busyCores();
  const python = values.peers ? peerPython(peftgridHome(), peersFolder, say) : null;
  const results = rows.map((row) => measured(row, { tokens, repeats, python }));
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

function measured(row: GenerateRow, of: { tokens: number; repeats: number; python: string | null }): Result {
  const { tokens, repeats, python } = of;
  const random = new HostRandom(1, 'bench');
  const { shape, batch, beams } = row;
  const prompt = () => Array.from({ length: shape.source }, () => 2 + random.below(shape.vocabulary - 2));
  const prompts = Array.from({ length: batch }, prompt);
  const asked: GenerateAsked = {
    folder: methodBackbone(peftgridHome(), shape),
    prompts,
    beams,
    tokens,
    repeats,
    threads,
  };
  const script = join(__dirname, 'generate-run.js');
  const ours = childJson<GenerateReport>(
    process.execPath,
    [script, JSON.stringify(asked)],
    engineEnvironment(),
  );
  const peer =
    python === null
      ? null
      : childJson<GenerateReport>(python, [join(peersFolder, 'generate.py'), JSON.stringify(asked)]);
  const result = resultOf(row, ours, peer);
  const beside = peer
    ? `, peer ${result.peer}: ${result.ratio} times, ${result.same} of ${batch} texts the same`
    : '';
  say(`${row.family}/${row.method}: ours ${result.ours} tokens/s${beside}`);
  return result;
}

function resultOf(
  { family, method }: GenerateRow,
  ours: GenerateReport,
  peer: GenerateReport | null,
): Result {
  const [own, best] = speeds(ours);
  const [theirs, theirBest] = peer ? speeds(peer) : [];
  return {
    family,
    method,
    ours: round(own, 1),
    ours_best: round(best, 1),
    first_s: round(ours.first, 1),
    peer: theirs === undefined ? null : round(theirs, 1),
    peer_best: theirBest === undefined ? null : round(theirBest, 1),
    ratio: theirs === undefined ? null : round(own / theirs, 2),
    ratio_best: theirBest === undefined ? null : round(best / theirBest, 2),
    same: peer && ours.ids.filter((ids, i) => `${ids}` === `${peer.ids[i]}`).length,
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
    '| texts | ours, median (best) tokens/s | peer, median (best) tokens/s | ratio, median (best) | same texts | first run, s |',
    '|---|---|---|---|---|---|',
  ];
  for (const r of results) {
    const peer =
      r.peer === null
        ? ['–', '–', '–']
        : [`${r.peer} (${r.peer_best})`, `${r.ratio} (${r.ratio_best})`, `${r.same}/${r.texts}`];
    lines.push(
      `| ${[`${r.family} ${r.method}`, `${r.ours} (${r.ours_best})`, ...peer, r.first_s].join(' | ')} |`,
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
