import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Kind } from '#contracts/kind.js';
import { predictionsFile } from '#contracts/predictions.js';
import type { Dataset } from '#tasks/dataset.js';
import type { Likelihood, Said } from '#tasks/example.js';
import type { SaidOf } from '../rows/answer-examples.js';

/** Writes what a model said of every validation and test example, and how likely it found what is right where
 *  that is known, so that a look at its answers, and another metric, need no training. JSON lines,
 *  compressed: a head with kind and labels, then an example a line (contracts/predictions.ts). */
export function writePredictions(
  folder: string,
  dataset: Dataset,
  of: Record<'validation' | 'test', SaidOf>,
): void {
  const { name, kind, labels, hash } = dataset;
  const lines: string[] = [JSON.stringify({ task: name, kind, labels, hash })];
  for (const split of ['validation', 'test'] as const) {
    const { said, likelihoods } = of[split];
    for (const [i, { id, input, answer, group, part }] of dataset[split].entries()) {
      const likelihood = likelihoods[i] && known(likelihoods[i]);
      lines.push(
        JSON.stringify({ split, kind, id, input, answer, group, part, said: plain(said[i]!), likelihood }),
      );
    }
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, predictionsFile), gzipSync(`${lines.join('\n')}\n`));
}

/** Scores as numbers of a float's digits. */
function plain(said: Said[Kind]): unknown {
  if (!('scores' in said) || !said.scores) return said;
  return { ...said, scores: Array.from(said.scores, digits) };
}

/** Nats of a float's digits; undefined where they are no number. */
const known = (own: Likelihood): Likelihood | undefined =>
  Number.isFinite(own.nats) ? { ...own, nats: digits(own.nats) } : undefined;

const digits = (x: number): number => Number(x.toPrecision(7));
