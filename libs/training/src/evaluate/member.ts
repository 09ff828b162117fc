import type { Member } from '#contracts/trainer-messages.js';
import type { EvaluateConfig } from '#contracts/trial.js';

/** A trial that trains nothing. */
export type EvaluateMember = Member & { config: EvaluateConfig };
