import { createHash } from 'node:crypto';
import type { TrialConfig } from '#contracts/trial.js';
import { contentOf } from './younger-knobs.js';

/** Changes when the same config would train differently than before: results of older code are then not
 *  reused. 2: other values are dropped out. 3: files are known by their content. 4: `task.answer` says how a
 *  task is answered, pairs of sentences keep their parts, and tasks have kinds. */
const semantics = 4;

/** The address of a trial: sha256 of its resolved config, in which contents stand instead of paths
 *  (Addresses.addressed). Equal configs have equal keys whatever the order of their keys was. A knob that
 *  older configs lacked is left out at its default (younger-knobs.ts). */
export function trialKey(addressed: TrialConfig): string {
  return hashOf({ semantics, config: contentOf(addressed) });
}

export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  let text = '';
  for (const name of Object.keys(value).sort()) {
    const own = (value as Record<string, unknown>)[name];
    if (own !== undefined) text += `${text && ','}${JSON.stringify(name)}:${canonical(own)}`;
  }
  return `{${text}}`;
}
