import type { TrialView } from '#contracts/experiment.js';
import { connect } from '../connect.js';
import { findCells, findTrial } from '../find.js';
import { configLabel, pointLabel } from '../labels.js';
import { type Common, print, printJson } from '../output.js';

/** `peftgrid why CELL|TRIAL|GRID/INDEX`: the reason in one sentence, then what it waits for, who tried, and what was kept. */
export async function why(id: string, { json }: Common): Promise<void> {
  const { client } = await connect();
  const trialId = await findTrial(client, id);
  const trial = await client.trial(trialId);
  if (json) return printJson(trial);
  const cells = await findCells(client, trialId);
  print(
    [`trial ${trial.id.slice(0, 8)}: ${configLabel(trial.config)}`, `  ${trial.state}: ${trial.why}`, ...details(trial)].join(
      '\n',
    ),
  );
  for (const { experiment, cell } of cells)
    print(`  cell ${cell.grid}/${cell.index} of ${experiment.name}: ${pointLabel(cell.point)}`);
}

function details({ step, steps, waitsFor, attempts, checkpoints, summary }: TrialView): string[] {
  return [
    `  step ${step} of ${steps}`,
    ...waitsFor.map((w) => `  waits for step ${w.step} of trial ${w.trialId.slice(0, 8)}: ${w.met ? 'there' : 'not there yet'}`),
    ...attempts.map(
      (a) => `  attempt ${a.fence}: ${a.state}${a.worker ? ` on ${a.worker}` : ''}${a.message ? `, ${a.message}` : ''}`,
    ),
    ...checkpoints.map((c) => `  ${c.kind} at step ${c.step}: ${(c.bytes / 1e6).toFixed(1)} MB`),
    ...(summary
      ? [`  test: ${numbers(summary.test)}; validation: ${numbers(summary.validation)} at step ${summary.bestStep}`]
      : []),
  ];
}

const numbers = (values: Record<string, number>) =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${value.toFixed(3)}`)
    .join(', ');
