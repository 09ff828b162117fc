import type { CellView } from '#contracts/experiment.js';
import type { Verdict } from '#contracts/trainer-messages.js';
import type { TrialConfig } from '#contracts/trial.js';
import type { Plan } from '#planner/planned.js';

/** The plan's cells as a server would show them, from the verdicts of trials trained without one. */
export function cellsOf(plan: Plan, verdicts: ReadonlyMap<string, Verdict>): CellView[] {
  return plan.cells.map(({ grid, index, point, baseline, trialKey, config }) => {
    const verdict = verdicts.get(trialKey);
    const summary = verdict?.verdict === 'succeeded' ? verdict.summary : null;
    return {
      id: `${grid}/${index}`,
      grid,
      index,
      point,
      baseline,
      trialId: trialKey,
      state: verdict?.verdict ?? 'ready',
      reused: false,
      why:
        verdict?.verdict === 'failed'
          ? `${verdict.cause}: ${verdict.message}`
          : (verdict?.verdict ?? 'not trained'),
      step: summary?.steps ?? 0,
      steps: stepsOf(config),
      stepMs: summary?.stepMs ?? null,
      summary,
    };
  });
}

function stepsOf(config: TrialConfig): number {
  if (config.stage === 'tune') return config.training.steps;
  if (config.stage === 'evaluate') return 0;
  return config.stage === 'adapt' ? config.adapt.steps : config.pretrain.steps;
}
