import type { Kind } from '#contracts/kind.js';
import type { KindOf, SingleTask, TaskName } from '#contracts/task.js';
import type { FileTask } from '#contracts/tasks/file.js';
import { dart } from './named/dart.js';
import { e2e } from './named/e2e.js';
import { choiceFile } from './named/file/choice.js';
import { classFile } from './named/file/class.js';
import { clozeFile } from './named/file/cloze.js';
import { languageFile } from './named/file/language.js';
import { namingLooks } from './named/file/named-look.js';
import { numberFile } from './named/file/number.js';
import { spanFile } from './named/file/span.js';
import { textFile } from './named/file/text.js';
import { glueTasks } from './named/glue/table.js';
import { restaurant8kQuestions } from './named/restaurant8k-questions.js';
import { restaurant8k } from './named/restaurant8k.js';
import { semanticRoles } from './named/semantic-roles.js';
import { superGlueTasks } from './named/superglue/table.js';
import { taggingFile } from './named/tagging-file.js';
import { webNlg } from './named/webnlg.js';
import { wordnetHypernyms } from './named/wordnet-hypernyms.js';
import { wordnetSupersense } from './named/wordnet-supersense.js';
import type { TaskDefinition } from './task.js';

type OfName<N extends TaskName> = Extract<SingleTask, { name: N }>;

const tasks = {
  'wordnet-supersense': wordnetSupersense,
  tagging: namingLooks(taggingFile, 'task.name: tagging'),
  restaurant8k,
  e2e,
  webnlg: webNlg,
  dart: namingLooks(dart, 'task.name: dart'),
  'semantic-roles': semanticRoles,
  'restaurant8k-questions': restaurant8kQuestions,
  'wordnet-hypernyms': wordnetHypernyms,
} satisfies { [N in Exclude<TaskName, 'file' | 'superglue' | 'glue'>]: TaskDefinition<OfName<N>, KindOf<N>> };

/** A file's task by the kind of its answers. */
const fileTasks = {
  class: namingLooks(classFile, 'task.kind: class'),
  choice: namingLooks(choiceFile, 'task.kind: choice'),
  span: namingLooks(spanFile, 'task.kind: span'),
  text: namingLooks(textFile, 'task.kind: text'),
  cloze: namingLooks(clozeFile, 'task.kind: cloze'),
  number: namingLooks(numberFile, 'task.kind: number'),
  language: languageFile,
} satisfies { [K in FileTask['kind']]: TaskDefinition<Extract<FileTask, { kind: K }>, K> };

/** The definition of a task. The union of configs is narrowed here, once. */
export const taskOf = (config: SingleTask): TaskDefinition<SingleTask, Kind> =>
  chosen(config) as unknown as TaskDefinition<SingleTask, Kind>;

function chosen(config: SingleTask) {
  if (config.name === 'file') return fileTasks[config.kind];
  if (config.name === 'glue') return glueTasks[config.dataset];
  return config.name === 'superglue' ? superGlueTasks[config.dataset] : tasks[config.name];
}
