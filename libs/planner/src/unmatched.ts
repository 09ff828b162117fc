import type { PlannedRule } from '#contracts/experiment.js';
import type { Conditions } from './conditions.js';
import type { GridIssue } from './grid-error.js';
import { shown } from './knobs.js';

/** Rules that touched no cell, each with why. */
export function unmatched(
  rules: readonly PlannedRule[],
  conditions: { when: Conditions; exclude: Conditions },
): GridIssue[] {
  return rules.flatMap(({ place, set, cells }) => {
    if (cells > 0) return [];
    const rule = Number(/\d+/.exec(place)![0]);
    const unmet = (set === null ? conditions.exclude : conditions.when).unmet(rule);
    if (!unmet) {
      const turn = set === null ? '' : ' when its turn comes';
      return [{ path: place, message: `matches no cell: none has all of these values at once${turn}` }];
    }
    const knob = unmet.path.join('.');
    const values = unmet.values.filter((value) => value !== null).map(shown);
    const why = values.length === 0 ? `none has the knob ${knob}` : `${knob} is ${values.join(', ')} there`;
    return [{ path: `${place}${set === null ? '' : '.if'}.${knob}`, message: `matches no cell: ${why}` }];
  });
}
