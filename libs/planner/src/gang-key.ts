import { gangContent } from '#contracts/sharing.js';
import type { TrialConfig } from '#contracts/trial.js';
import { hashOf } from './trial-key.js';
import { contentOf } from './younger-knobs.js';

/** Trials of equal gang key may train in one step with a member axis (contracts/sharing.ts). Takes the config
 *  with contents instead of paths. Null where the trial always trains alone. */
export function gangKey(config: TrialConfig): string | null {
  const content = config.stage === 'tune' ? gangContent(config) : null;
  return content && hashOf(contentOf(content));
}
