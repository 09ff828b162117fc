import type { PlannedTrial } from '#planner/planned.js';

/** What others wait for first, then one backbone after the other so that it stays in memory, gang-mates side
 *  by side; else file order. */
export function inDispatchOrder(trials: readonly PlannedTrial[]): PlannedTrial[] {
  const awaited = new Set(trials.flatMap((t) => t.waitsFor.map((w) => w.key)));
  const firstAt = new Map<string, number>();
  trials.forEach((t, i) => {
    for (const name of [t.backboneKey, t.gangKey ?? t.key]) if (!firstAt.has(name)) firstAt.set(name, i);
  });
  const ranked = trials.map((trial) => {
    const group = awaited.has(trial.key) ? 0 : 1;
    return {
      trial,
      group,
      backbone: firstAt.get(trial.backboneKey)!,
      gang: firstAt.get(trial.gangKey ?? trial.key)!,
    };
  });
  return ranked
    .toSorted((a, b) => a.group - b.group || a.backbone - b.backbone || a.gang - b.gang)
    .map(({ trial }) => trial);
}
