/** Values that a grid gives and that setting another of its knobs would take away: they are refused. */
import type { Grid } from '#contracts/grid.js';
import type { GridIssue } from './grid-error.js';
import { isRecordAt, isStage, stageOf, stages } from './knob-schemas.js';
import { getKnob, isObject, isWithin, type Raw, sameValue, shown, takenBy } from './knobs.js';

/** Of knobs that are set at once, those whose value another one takes away: an axis "method" whose values
 *  have a rank, and an axis "method.rank". `of` says what the values are, each with its place. */
export function overlapIssues(
  values: Record<string, readonly { value: unknown; place: string }[]>,
  kind: string,
): GridIssue[] {
  const knobs = Object.keys(values);
  return knobs.flatMap((outer) =>
    knobs
      .filter((inner) => isWithin(inner, outer))
      .flatMap((inner) =>
        values[outer]!.flatMap(({ value, place }) => {
          const taken = takenBy(inner, outer, value);
          if (taken === undefined) return [];
          const message = `${kind} ${inner} would replace ${shown(taken)} of ${kind} ${outer}; give ${inner} in one of them`;
          return [{ path: place, message }];
        }),
      ),
  );
}

export const axisOverlaps = (axes: Grid['grid']): GridIssue[] =>
  overlapIssues(
    Object.fromEntries(
      Object.entries(axes).map(([knob, values]) => [
        knob,
        values.map((value, i) => ({ value, place: `grid.${knob}[${i}]` })),
      ]),
    ),
    'the axis',
  );

/** The same of one set of knobs: a baseline, or what a rule sets. */
export const setOverlaps = (set: Raw, place: string): GridIssue[] =>
  overlapIssues(
    Object.fromEntries(
      Object.entries(set).map(([knob, value]) => [knob, [{ value, place: `${place}.${knob}` }]]),
    ),
    'its knob',
  );

/** A value that goes because an object takes the place of the one that it is in. */
export interface Lost {
  knob: string;
  value: unknown;
  by: string; // the knob that is set
}

/** What of the config an object that is set at `knob` leaves out, where both are the same thing: objects of
 *  one name, or without a name. Another method has other knobs and replaces all. */
export function leftOut(config: Raw, knob: string, value: unknown): Lost[] {
  if (!isObject(value)) return [];
  const stage = stageOf(config);
  return isStage(stage) ? missing(getKnob(config, knob), value, knob.split('.')) : [];

  function missing(before: unknown, after: unknown, path: string[]): Lost[] {
    if (!isObject(before) || !isObject(after) || !sameValue(before['name'], after['name'])) return [];
    if (isRecordAt(stages[stage as keyof typeof stages], path)) return [];
    return Object.entries(before).flatMap(([key, old]) => {
      if (Object.hasOwn(after, key)) return missing(old, after[key], [...path, key]);
      return [{ knob: [...path, key].join('.'), value: old, by: knob }];
    });
  }
}

/** The same of the training that a trial's source takes over from the cell. */
export function leftOutOfSource(config: Raw): Lost[] {
  const training = getKnob(config, 'from.training');
  if (!isObject(training) || !isObject(config['training'])) return [];
  return leftOut(config, 'training', { ...config['training'], ...training }).map(({ knob, value }) => ({
    knob: `from.${knob}`,
    value,
    by: `from.${knob.split('.').slice(0, -1).join('.')}`,
  }));
}

/** Those that the finished cell really lacks: a default may be what was left out. */
export function lostIssues(lost: readonly Lost[], seen: Raw): { by: string; message: string }[] {
  return lost
    .filter(({ knob, value }) => !holdsStill(value, getKnob(seen, knob)))
    .map(({ knob, value, by }) => ({
      by,
      message: `would replace the whole of ${by} and lose ${knob} ${shown(value)}; give ${knob} there too, or set ${by}'s knobs one by one`,
    }));
}

/** An object may have got defaults meanwhile. */
function holdsStill(value: unknown, now: unknown): boolean {
  if (!isObject(value)) return sameValue(value, now);
  return isObject(now) && Object.entries(value).every(([key, v]) => holdsStill(v, now[key]));
}
