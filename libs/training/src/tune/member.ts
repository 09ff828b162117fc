import type { Member } from '#contracts/trainer-messages.js';
import type { TuneConfig } from '#contracts/trial.js';

/** A member of a gang that trains a method on a task. */
export type TuneMember = Member & { config: TuneConfig };
