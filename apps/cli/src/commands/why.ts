import { learnedNothing } from '#analysis/learned.js';
import { bytesText, measuredText } from '#analysis/number-text.js';
import { visibleLine } from '#analysis/visible-text.js';
import type { TrialView } from '#contracts/experiment.js';
import type { Summary } from '#contracts/trainer-messages.js';
import { connect } from '../connect.js';
import { findTrial } from '../find.js';
import { configLabel, pointLabel } from '../labels.js';
import { localTime } from '../local-time.js';
import { type Common, print, printJson } from '../output.js';

/** `peftgrid why CELL|TRIAL|GRID/INDEX`: the reason in one sentence, then what it waits for, who tried, and
 *  what was kept. */
export async function why(id: string, { json }: Common): Promise<void> {
  const { client } = await connect();
  const trialId = await findTrial(client, id);
  const trial = await client.trial(trialId);
  if (json) return printJson(trial);
  const found = await client.trialsCalled(trialId);
  const lines = [
    `trial ${trial.id.slice(0, 8)}: ${configLabel(trial.config)}`,
    `  ${trial.state}: ${trial.why}`,
    ...details(trial),
    ...found.flatMap(({ experiment, cell }) =>
      cell ? [`  cell ${cell.grid}/${cell.index} of ${experiment.name}: ${pointLabel(cell.point)}`] : [],
    ),
  ];
  print(lines.map(visibleLine).join('\n'));
}

function details({ step, steps, waitsFor, attempts, checkpoints, summary }: TrialView): string[] {
  return [
    `  step ${step} of ${steps}`,
    ...waitsFor.map(
      (w) =>
        `  waits for step ${w.step} of trial ${w.trialId.slice(0, 8)}: ${w.met ? 'there' : 'not there yet'}`,
    ),
    ...attempts.map(
      (a) =>
        `  attempt ${a.fence}: ${a.state}${a.worker ? ` on ${a.worker}` : ''}${a.startedAt ? `, from ${localTime(a.startedAt)}` : ''}${a.message ? `, ${a.message}` : ''}`,
    ),
    ...checkpoints.map((c) => `  ${c.kind} at step ${c.step}: ${bytesText(c.bytes)}`),
    ...(summary
      ? [
          `  test: ${numbers(summary.test)}; validation: ${numbers(summary.validation)} at step ${summary.bestStep}`,
          ...unlearned(summary),
        ]
      : []),
  ];
}

const numbers = (values: Record<string, number>, metric?: string) =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${measuredText(value, metric ?? name)}`)
    .join(', ');

function unlearned(summary: Summary): string[] {
  const beside = learnedNothing(summary);
  if (!beside) return [];
  const scores = beside.map(([name, score, metric]) => `${name} ${measuredText(score, metric)}`);
  return [`  learned nothing: its test score is no better than ${scores.join(', ')}`];
}
