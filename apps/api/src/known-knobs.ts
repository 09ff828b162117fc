import type { Where } from '#contracts/where.js';
import type { Database } from '#db/database.js';
import { hasKnob, knobsOf } from '#db/knobs.js';
import { Refused } from './refused.js';

/** Refuses a condition on a knob that no cell of the experiment has, with those that there are. */
export async function checkKnobs(
  db: Database,
  experimentId: string,
  wheres: readonly Where[] = [],
): Promise<void> {
  for (const { knob, value } of wheres) {
    if (value === 'null' || (await hasKnob(db, experimentId, knob))) continue;
    const known = await knobsOf(db, experimentId);
    const message = `no cell has the knob ${JSON.stringify(knob)}; there are ${known.join(', ')}`;
    throw new Refused(400, 'the condition names no knob', [{ path: 'where', message }]);
  }
}
