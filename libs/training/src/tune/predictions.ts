import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { predictionsFile } from '#contracts/predictions.js';
import type { Kind } from '#contracts/kind.js';
import type { Said } from '#tasks/example.js';
import type { Dataset } from '#tasks/dataset.js';

/** Writes what a model said of every validation and test example, so that a look at its answers, and another metric,
 *  need no training. JSON lines, compressed: a head with kind and labels, then an example a line (contracts/predictions.ts). */
export function writePredictions<K extends Kind>(
  folder: string,
  { name, kind, labels, hash, ...splits }: Dataset<K>,
  said: Record<'validation' | 'test', readonly Said[K][]>,
): void {
  const lines: string[] = [JSON.stringify({ task: name, kind, labels, hash })];
  for (const split of ['validation', 'test'] as const) {
    for (const [i, { id, input, answer, group, part }] of splits[split].entries())
      lines.push(JSON.stringify({ split, id, input, answer, group, part, said: plain(said[split][i]!) }));
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, predictionsFile), gzipSync(`${lines.join('\n')}\n`));
}

/** Scores as numbers of a float's digits. */
function plain(said: Said[Kind]): unknown {
  if (!('scores' in said) || !said.scores) return said;
  return { ...said, scores: Array.from(said.scores, (x) => Number(x.toPrecision(7))) };
}
