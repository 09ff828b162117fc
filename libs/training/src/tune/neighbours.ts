import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as tf from '@tensorflow/tfjs';
import { bare } from '#contracts/bare-token.js';
import { Closeness, type Neighbours, neighboursFile } from '#contracts/neighbours.js';
import { embedsVirtualTokens } from '#contracts/virtual-tokens.js';
import { withoutHead } from '#methods/heads/classifier.js';
import { promptNeighbours } from '#methods/prompts/prompt-neighbours.js';
import { relatedInWordNet } from '#tasks/corpora/wordnet-relations.js';
import { methodFor } from './method-for.js';
import type { Run } from './run.js';
import { begunWith, startOf } from './starting-from.js';

/** Writes what a member's virtual tokens are near to, where training began and where it ended: only here are
 *  model, seed and label words at hand. JSON, compressed (contracts/neighbours.ts). False, and nothing is
 *  written, where the method has no virtual tokens among the embeddings. */
export async function writeNeighbours(folder: string, run: Run, m: number): Promise<boolean> {
  const { members, model, gang, best } = run;
  const { config } = members[m]!;
  if (!embedsVirtualTokens(config.method)) return false;
  const { labels } = gang.answers;
  const initial = methodFor(config.method, gang.answers).init(config.method, model, labels, config.seed);
  const before = begunWith(initial, await startOf(members[m]!, model, gang.answers));
  const [began, ended] = [before, best[m]!].map(withoutHead) as [typeof before, typeof before];
  const found = promptNeighbours(model, { config: config.method, labels, before: began, after: ended });
  tf.dispose(before);
  if (!found) return false;
  mkdirSync(folder, { recursive: true });
  const content: Neighbours = { ...found, related: relatedPairs(found) };
  writeFileSync(join(folder, neighboursFile), gzipSync(JSON.stringify(content)));
  return true;
}

/** Tokens that are near to one position after training and whose words WordNet relates, each pair once. */
function relatedPairs({ tokens, measures }: Omit<Neighbours, 'related'>): [number, number][] {
  const words = new Map(Object.entries(tokens).map(([id, token]) => [Number(id), bare(token)]));
  const pairs = new Map<string, [number, number] | null>();
  for (const by of Closeness.options)
    for (const { ids } of measures[by].after)
      for (const a of ids)
        for (const b of ids) {
          const key = `${a} ${b}`;
          if (a >= b || pairs.has(key)) continue;
          const [first, second] = [words.get(a)!, words.get(b)!];
          const related = first !== second && relatedInWordNet(first, second);
          pairs.set(key, related ? [a, b] : null);
        }
  return [...pairs.values()].filter((pair) => pair !== null);
}
