import type { KindOf, SingleTask } from '#contracts/task.js';
import { fileTask } from './named/file-task.js';
import { restaurant8k } from './named/restaurant8k.js';
import { superGlue } from './named/superglue.js';
import { taggingFile } from './named/tagging-file.js';
import { wordnetSupersense } from './named/wordnet-supersense.js';
import type { TaskDefinition } from './task.js';

const tasks = {
  'wordnet-supersense': wordnetSupersense,
  file: fileTask,
  superglue: superGlue,
  tagging: taggingFile,
  restaurant8k,
} satisfies { [N in SingleTask['name']]: TaskDefinition<Extract<SingleTask, { name: N }>, KindOf<N>> };

/** The definition of a task. The union of configs is narrowed here, once. */
export const taskOf = (config: SingleTask): TaskDefinition<SingleTask> =>
  tasks[config.name] as unknown as TaskDefinition<SingleTask>;
