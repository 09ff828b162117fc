import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gangContent } from '#contracts/sharing.js';
import type { Member } from '#contracts/trainer-messages.js';

/** Members by the step they can share (contracts/sharing.ts), in their order. Those of one gang are also as
 *  far on. */
export function gangsOf(members: readonly Member[]): Member[][] {
  const gangs = new Map<string, Member[]>();
  for (const member of members) {
    const key = keyOf(member);
    gangs.set(key, [...(gangs.get(key) ?? []), member]);
  }
  return [...gangs.values()];
}

function keyOf({ attemptId, config, backboneFolder, resumeFolder }: Member): string {
  const content = config.stage === 'tune' ? gangContent(config) : null;
  if (!content) return attemptId;
  return JSON.stringify({ content, backboneFolder, step: resumeFolder ? stepOf(resumeFolder) : 0 });
}

function stepOf(resumeFolder: string): number {
  const path = join(resumeFolder, 'state.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { step: number }).step : 0;
}
