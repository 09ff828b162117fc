import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricsOfTask, type SuiteName, suiteNames, tasksOf } from '#contracts/suites.js';
import { Task } from '#contracts/task.js';
import { tasksPage } from './tasks-page.js';
import { formats } from './told.js';

const page = readFileSync(join(__dirname, '../../../../docs/tasks.md'), 'utf8');

describe('docs/tasks.md', () => {
  it('is what npm run docs:tasks writes', () => {
    expect(page).toBe(tasksPage());
  });

  it.each(formats.map(({ name, task }) => [name, task] as const))('has knobs that read %s', (_name, task) => {
    expect(Task.safeParse(task).error).toBeUndefined();
  });

  const members = suiteNames.flatMap((suite) => tasksOf(suite).map((task) => [suite, task] as const));
  it.each(members)('counts metrics that %s %s has', (suite: SuiteName, task) => {
    const line = page.split('\n').find((own) => own.startsWith(`| \`${suite} ${task}\``))!;
    const names = line.split(' | ')[4]!.replaceAll('*', '').split(', ');
    for (const metric of metricsOfTask(suite, task)) expect(names).toContain(metric);
  });
});
