import type { CellView } from '#contracts/experiment.js';
import type { PeftgridClient } from '#contracts/client.js';
import { until } from './until.js';

/** Waits until no trial of the experiment can go on, and returns its cells by index. */
export async function finished(client: PeftgridClient, id: string, withinMs = 90_000): Promise<CellView[]> {
  await until(
    `experiment ${id} is finished`,
    async () => {
      const { state, trials } = await client.experiment(id);
      if (state === 'finished') return true;
      throw new Error(
        `it is ${state}: ${JSON.stringify(trials)}, ${(await client.cells(id)).map((c) => c.why).join(' | ')}`,
      );
    },
    withinMs,
  );
  return (await client.cells(id)).toSorted((a, b) => a.index - b.index);
}

/** Everything that a cell's trial measured, a number a line, and that must not depend on when, where and how
 *  often it was interrupted. */
export async function numbersOf(client: PeftgridClient, cell: CellView): Promise<string[]> {
  const { metrics } = await client.curve(cell.trialId);
  const timeless = metrics.filter((m) => !/ms|seconds|memory|speed/.test(m.name));
  const { validation, test, references, bestStep, steps } = cell.summary!;
  const lines = timeless.map((m) => `${m.split} ${m.name} ${m.step}: ${m.value}`);
  return [
    ...lines,
    ...Object.entries({ validation, test, references, bestStep, steps }).map((e) => JSON.stringify(e)),
  ];
}

/** Waits until a cell's trial trains and is at least at this step. */
export async function reached(client: PeftgridClient, id: string, step: number): Promise<CellView> {
  return until(`a trial of ${id} is at step ${step}`, async () =>
    (await client.cells(id)).find((c) => c.state === 'running' && c.step >= step),
  );
}
