import { z } from 'zod';
import type { Kind } from './kind.js';
import { Dart } from './tasks/dart.js';
import { E2e } from './tasks/e2e.js';
import { FileTask } from './tasks/file.js';
import { Glue, glueKinds } from './tasks/glue.js';
import { mixedKindOf, Mixture } from './tasks/mixture.js';
import { Restaurant8kQuestions } from './tasks/restaurant8k-questions.js';
import { Restaurant8k } from './tasks/restaurant8k.js';
import { SemanticRoles } from './tasks/semantic-roles.js';
import { SuperGlue, superGlueKinds } from './tasks/superglue.js';
import { Tagging } from './tasks/tagging.js';
import { WebNlg } from './tasks/webnlg.js';
import { WordnetHypernyms } from './tasks/wordnet-hypernyms.js';
import { WordnetSupersense } from './tasks/wordnet-supersense.js';

const SingleTask = z.discriminatedUnion('name', [
  WordnetSupersense,
  FileTask,
  SuperGlue,
  Glue,
  Tagging,
  Restaurant8k,
  E2e,
  WebNlg,
  Dart,
  SemanticRoles,
  Restaurant8kQuestions,
  WordnetHypernyms,
]);
export type SingleTask = z.infer<typeof SingleTask>;

export const Task = z.discriminatedUnion('name', [...SingleTask.options, Mixture]);
export type Task = z.infer<typeof Task>;

export type TaskName = SingleTask['name'];

/** The kind of each task's answers; null: the config says it. */
const kinds = {
  'wordnet-supersense': 'class',
  file: null,
  superglue: null,
  glue: null,
  tagging: 'tags',
  restaurant8k: 'tags',
  e2e: 'text',
  webnlg: 'text',
  dart: 'text',
  'semantic-roles': 'tags',
  'restaurant8k-questions': 'span',
  'wordnet-hypernyms': 'cloze',
} as const satisfies { [N in TaskName]: N extends 'file' | 'superglue' | 'glue' ? null : Kind };

/** The kind of the answers of a task whose name alone says it. */
export type KindOf<N extends keyof typeof kinds> = NonNullable<(typeof kinds)[N]>;

/** The kind of a task's answers; those of a mixture's tasks are one and the same. */
export function kindOf(task: Task): Kind {
  if (task.name === 'mixture') return mixedKindOf(Object.values(task.tasks)[0]!);
  if (task.name === 'superglue') return superGlueKinds[task.dataset];
  if (task.name === 'glue') return glueKinds[task.dataset];
  return task.name === 'file' ? task.kind : kinds[task.name];
}

/** The tasks that a task is made of, each by its knob; those of a mixture in the order of their names, which
 *  is no part of its meaning. */
export function singleTasks(task: Task, knob = 'task'): { knob: string; name: string; task: SingleTask }[] {
  if (task.name !== 'mixture') return [{ knob, name: task.name, task }];
  const { tasks, maxLength, sentinel, answer } = task;
  return Object.keys(tasks)
    .toSorted()
    .map((name) => ({
      knob: `${knob}.tasks.${name}`,
      name,
      task: { ...tasks[name]!, maxLength, sentinel, answer },
    }));
}
