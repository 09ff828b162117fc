import { kindOf } from '#contracts/task.js';
import type { TuneConfig } from '#contracts/trial.js';
import type { GridIssue } from './grid-error.js';
import { type Family, isEncoder } from './unreached.js';

/** Why words can't be tagged so, by knob; nothing where the task is another. `family` is null where the backbone is a folder, whose config is read
 *  where it is trained. */
export function untaggable({ task, method, backbone }: TuneConfig, family: Family | null): GridIssue[] {
  if (kindOf(task) !== 'tags') return [];
  const issues: GridIssue[] = [];
  if (family !== null && !isEncoder(family)) {
    const message = `"${task.name}" tags words by an encoder's states, and ${backbone.name} is a ${family}; expected a BERT, RoBERTa or MPNet`;
    issues.push({ path: 'task.name', message });
  }
  if (task.scoring !== 'label-words')
    issues.push({ path: 'task.scoring', message: `"${task.scoring}" writes text, and a tagger's head does not; leave it out` });
  if (method.name === 'p-tuning-v2' && !method.classifier)
    issues.push({
      path: 'method.classifier',
      message: `false, and "${task.name}" has no verbalizer; a tagger always has its head`,
    });
  if (method.name === 'p-tuning' && method.template !== null)
    issues.push({ path: 'method.template', message: `puts text among the words, which "${task.name}" tags; leave it out` });
  return issues;
}
