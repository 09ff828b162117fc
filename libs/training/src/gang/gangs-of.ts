import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Member } from '#contracts/trainer-messages.js';
import { lengthsApart } from '#contracts/method.js';
import { sharesStep } from '#methods/table.js';

/** Members by the step they can share, in their order. Equal but for seed, what they start from, learning rate and what their method pads; and as far on. */
export function gangsOf(members: readonly Member[]): Member[][] {
  const gangs = new Map<string, Member[]>();
  for (const member of members) {
    const key = gangKey(member);
    gangs.set(key, [...(gangs.get(key) ?? []), member]);
  }
  return [...gangs.values()];
}

function gangKey({ attemptId, config, backboneFolder, resumeFolder }: Member): string {
  if (config.stage !== 'tune' || !sharesStep(config.method)) return attemptId;
  const { seed: _seed, from: _from, method, training, ...rest } = config;
  const { length, init: _init, ...kind } = method as Record<string, unknown>;
  const { learningRate: _rate, ...optimizer } = training.optimizer;
  // Adafactor takes means over whole parameters, which padding would change; and some methods go by the length.
  const padded = optimizer.name === 'adafactor' || lengthsApart(method) ? length : undefined;
  const step = resumeFolder ? stepOf(resumeFolder) : 0;
  return JSON.stringify({ rest, kind, training: { ...training, optimizer }, padded, backboneFolder, step });
}

function stepOf(resumeFolder: string): number {
  const path = join(resumeFolder, 'state.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { step: number }).step : 0;
}
