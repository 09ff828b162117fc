import type { Kind } from '#contracts/kind.js';
import { metricsOfTask, suiteNames, tasksOf } from '#contracts/suites.js';
import { kindOf, type SingleTask, Task } from '#contracts/task.js';
import type { Splits } from '../dataset.js';
import type { Answers } from '../example.js';
import { taskOf } from '../table.js';
import { formats, type TaskKey, told } from './told.js';

/** docs/tasks.md, from the table of tasks, told.ts and the metrics that each dataset really has. */
export function tasksPage(): string {
  const lines = [
    '# Tasks',
    '',
    'What a trial can be trained and tested on. `task.name` chooses, with `task.dataset` of a benchmark or',
    '`task.kind` of a file of yours. [knobs.md](knobs.md) has the knobs of each. [data.md](data.md) says what is',
    'refused and how splits are cut, [answers.md](answers.md) how models answer each kind, and',
    '[metrics.md](metrics.md) what the metrics are. Made by `npm run docs:tasks` from the table of tasks in',
    'libs/tasks/src/table.ts; sentences are in libs/tasks/src/page/told.ts.',
    '',
    'The first metric chooses checkpoints. The one in italics is reported beside references without training.',
    '',
    ...table(
      ['task', 'kind', 'files', 'what is read', 'metrics', 'source'],
      (Object.keys(told) as TaskKey[]).map((key) => {
        const { files, input, source } = told[key];
        const config = exampleOf(key);
        return [`\`${key}\``, kindOf(config), files, input, metricsText(config), source];
      }),
    ),
    '',
    '## Benchmarks',
    '',
    '`task: { suite: superglue, path: FOLDER }` makes an axis of its tasks, `task.dataset`. [grid.md](grid.md)',
    'says how it is written, [tables.md](tables.md) where the mean is shown.',
    "A task's score is the mean of its metrics, and the benchmark's is the mean of its tasks' scores.",
    '',
    ...table(
      ['suite', 'task', 'counts'],
      suiteNames.flatMap((suite) =>
        tasksOf(suite).map((task) => [`\`${suite}\``, `\`${task}\``, metricsOfTask(suite, task).join(', ')]),
      ),
    ),
    '',
    '## Published formats that need no task of their own',
    '',
    'What stands in the grid file. Other paths follow as `task.validationPath` and `task.testPath`.',
    '',
    ...table(
      ['format', 'task'],
      formats.map(({ name, task }) => [name, `\`${yaml(task)}\``]),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function table(head: string[], rows: string[][]): string[] {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/** A value as YAML has it on one line. */
function yaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(yaml).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{ ${Object.entries(value)
      .map(([key, own]) => `${key}: ${yaml(own)}`)
      .join(', ')} }`;
  return typeof value === 'string' && /[{}:,[\]*]/.test(value) ? `'${value}'` : String(value);
}

/** Knobs that a file's kind must be given. */
const needed: Readonly<Record<string, object>> = {
  class: { input: '{a}', label: 'b' },
  choice: { input: '{a}', choices: 'b', label: 'c' },
  span: {},
  text: { input: '{a}', references: 'b' },
  cloze: { input: '{mask}', word: 'b' },
  number: { input: '{a}', value: 'b' },
  language: {},
};

/** A config of the task. */
export function exampleOf(key: TaskKey): SingleTask {
  const [name, of] = key.split(' ') as [string, string?];
  const path = name.startsWith('wordnet') ? {} : { path: 'x' };
  const own = name === 'file' ? { kind: of, ...needed[of!] } : of === undefined ? {} : { dataset: of };
  return Task.parse({ name, ...path, ...own }) as SingleTask;
}

/** What is right of an example of each kind. */
const answers: { [K in Kind]: Answers[K] } = {
  class: { label: 0 },
  choice: { choices: ['a', 'b'], right: 0 },
  tags: { before: [], words: ['a'], tags: [0], lost: 0 },
  span: { answers: [{ from: 0, to: 1 }] },
  text: { references: ['a'], meaning: 'name[a]' },
  cloze: { word: 'a' },
  number: { value: 1 },
  language: {},
};

/** The metrics of a dataset of one example. */
function metricsText(config: SingleTask): string {
  const kind = kindOf(config);
  const examples = ['matched', 'mismatched', 'seen', 'unseen'].map((group) => ({
    id: group,
    input: ['a'],
    answer: answers[kind],
    group,
  }));
  const labels = kind === 'tags' ? ['O', 'B-a', 'I-a'] : ['a', 'b'];
  const given = {
    name: 'x',
    labels,
    labelWords: labels,
    train: examples,
    validation: examples,
    test: examples,
  };
  const { metrics, validateBy, reportBy } = taskOf(config).dataset(given as Splits<Kind>, config);
  const names = [validateBy, ...metrics.map(({ name }) => name).filter((name) => name !== validateBy)];
  return names.map((name) => (name === reportBy ? `*${name}*` : name)).join(', ');
}
