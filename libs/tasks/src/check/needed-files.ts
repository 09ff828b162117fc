import { join } from 'node:path';
import { inputsOf } from '#contracts/inputs-of.js';
import { singleTasks } from '#contracts/task.js';
import type { EvaluateConfig, TrialConfig, TuneConfig } from '#contracts/trial.js';
import { filesIn } from '../reading/files-in.js';

export interface Needed {
  knob: string;
  path: string;
  is: 'file' | 'text' | 'folder';
}

/** The files and folders that a trial's config names: its task's, its backbone's, and the texts that this is
 *  pretrained or adapted on. */
export function neededFiles(config: TrialConfig): Needed[] {
  return inputsOf(config).flatMap(({ knob, path, kind, files }): Needed[] => {
    if (kind === 'model' || kind === 'tokenizer' || kind === 'adapter') return [{ knob, path, is: 'folder' }];
    if (kind === 'data-folder')
      return filesIn(path, ...files).map((file) => ({ knob, path: join(path, file), is: 'file' }));
    return [{ knob, path, is: kind === 'text' ? 'text' : 'file' }];
  });
}

/** The tasks that a trial's examples come from, its own first, and those of what it starts from and of what
 *  it is asked beside. */
export function tasksOf(config: TuneConfig | EvaluateConfig): ReturnType<typeof singleTasks> {
  const { task, from } = config;
  const asked = config.stage === 'evaluate' ? config.evaluate?.task : undefined;
  return [
    ...singleTasks(task),
    ...(from && 'task' in from ? singleTasks(from.task, 'from.task') : []),
    ...(asked ? singleTasks(asked, 'evaluate.task') : []),
  ];
}
