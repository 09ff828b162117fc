import type { Task } from '#contracts/task.js';
import { fileTask } from './named/file-task.js';
import { mixture } from './mixture.js';
import { superGlue } from './named/superglue.js';
import { restaurant8k } from './named/restaurant8k.js';
import { taggingFile } from './named/tagging-file.js';
import type { AnyDataset } from './task.js';
import { wordnetSupersense } from './named/wordnet-supersense.js';

/** The examples of a task, split. Throws an Error naming file, line or knob where they cannot be had. */
export function loadTask(config: Task): AnyDataset {
  switch (config.name) {
    case 'wordnet-supersense':
      return wordnetSupersense(config);
    case 'file':
      return fileTask(config);
    case 'superglue':
      return superGlue(config);
    case 'tagging':
      return taggingFile(config);
    case 'restaurant8k':
      return restaurant8k(config);
    case 'mixture':
      return mixture(config, loadTask);
    default:
      return config satisfies never;
  }
}
