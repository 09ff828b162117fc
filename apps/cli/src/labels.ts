import { visibleLine } from '#analysis/visible-text.js';
import { type AxisValue, taskText, valueText } from '#analysis/axis-values.js';
import type { CellView } from '#contracts/experiment.js';
import type { AdapterSource, Source, TrialConfig } from '#contracts/trial.js';

/** A point in short: { "method.length": 20, seed: 2 } -> "length=20 seed=2". */
export function pointLabel(point: CellView['point']): string {
  const entries = Object.entries(point).toSorted(([a], [b]) => Number(a === 'seed') - Number(b === 'seed'));
  if (entries.length === 0) return 'the only cell';
  return entries
    .map(
      ([knob, value]) =>
        `${knob
          .split('.')
          .slice(knob.startsWith('backbone.') ? -2 : -1)
          .join('.')}=${valueLabel(value)}`,
    )
    .map(visibleLine)
    .join(' ');
}

/** Trials that no cell shows: those that others start from. */
export function configLabel(config: TrialConfig): string {
  if (config.stage === 'pretrain') return `pretraining, ${config.pretrain.steps} steps`;
  const from = config.backbone.name ?? config.backbone.folder?.split('/').at(-1) ?? 'a pretrained backbone';
  if (config.stage === 'adapt') return `adapting ${from}, ${config.adapt.steps} steps`;
  const before = config.from ? `, from ${sourceText(config.from)}` : '';
  const trained = `${config.method.name} on ${from} for ${taskText(config.task)}${before}`;
  if (config.stage === 'tune') return `${trained}, seed ${config.seed}`;
  if (!config.evaluate) return `a prompt for ${taskText(config.task)} on ${from}, seed ${config.seed}`;
  const { task, ensemble } = config.evaluate;
  const seeds = ensemble ? `seeds ${ensemble.seeds.join(', ')} together` : `seed ${config.seed}`;
  return `${trained}, ${seeds}, asked ${taskText(task ?? config.task)}`;
}

const sourceText = (from: Source | AdapterSource): string =>
  'task' in from ? taskText(from.task) : from.adapter.split('/').at(-1)!;

function valueLabel(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { name } = value as { name?: unknown };
  return typeof name === 'string' ? name : valueText(value as AxisValue);
}
