import { wordsAfterMask } from '#contracts/open-place.js';
import type { TrialConfig, TuneConfig } from '#contracts/trial.js';
import { type Answerer, wordsAfterMaskIssue } from '#contracts/unanswerable.js';
import { dataKey, type DataIssue, type DataReport } from './data-issues.js';
import { tasksOf } from './needed-files.js';

interface Cell {
  grid: string;
  config: TrialConfig;
}

/** Clozes that a cell's decoder cannot fill, since words follow the open place of some text. `modelOf` gives
 *  null where a backbone is not known here; of such the trainer says it. */
export function openPlaceIssues<C extends Cell>(
  cells: readonly C[],
  { openPlaces }: Pick<DataReport<C>, 'openPlaces'>,
  modelOf: (backbone: TuneConfig['backbone']) => Pick<Answerer, 'kind' | 'name'> | null,
): DataIssue<C>[] {
  if (openPlaces.length === 0) return [];
  const texts = new Map(openPlaces.map(({ data, text }) => [data, text]));
  const issues = new Map<string, DataIssue<C>>();
  for (const cell of cells) {
    if (cell.config.stage !== 'tune') continue;
    const model = modelOf(cell.config.backbone);
    if (model?.kind !== 'decoder') continue;
    for (const { knob, task } of tasksOf(cell.config)) {
      const text = texts.get(dataKey(task));
      if (text === undefined) continue;
      const words = `in ${JSON.stringify(text)}, ${JSON.stringify(wordsAfterMask(text))}`;
      const message = wordsAfterMaskIssue(words, model.name);
      issues.set(JSON.stringify([cell.grid, knob, message]), { cell, knob: `${knob}.input`, message });
    }
  }
  return [...issues.values()];
}
