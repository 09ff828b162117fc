import type { SingleTask, Task } from '#contracts/task.js';
import { mixture } from './mixture.js';
import { atOnce } from './reading/in-turns.js';
import { taskOf } from './table.js';
import type { AnyDataset } from './dataset.js';

/** The examples of a task, split. Throws an Error naming file, line or knob where they cannot be had. */
export function loadTask(config: Task): AnyDataset {
  return config.name === 'mixture' ? mixture(config, loadSingle) : loadSingle(config);
}

function loadSingle(config: SingleTask): AnyDataset {
  const { reader, splits, dataset, choose } = taskOf(config);
  const records = reader(config).atOnce;
  const chosen = choose?.(config);
  return {
    ...dataset(atOnce(splits(config, records)), config),
    ...(chosen && { choose: chosen }),
  } as AnyDataset;
}
