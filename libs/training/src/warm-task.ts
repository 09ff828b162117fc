import { statSync } from 'node:fs';
import type { Task } from '#contracts/task.js';
import type { Tokenizer } from '#models/tokenizer.js';
import { loadTask } from '#tasks/load-task.js';
import type { Dataset } from '#tasks/task.js';
import type { EncodedExample } from './encode-examples.js';
import { Warm } from './warm.js';

export type SplitName = 'train' | 'validation' | 'test';

/** A dataset as one tokenizer reads it; an example is encoded when it is first asked for. */
export class EncodedTask {
  private readonly encoded: Record<SplitName, EncodedExample[]> = { train: [], validation: [], test: [] };

  constructor(
    readonly dataset: Dataset,
    private readonly tokenizer: Tokenizer,
    readonly maxLength: number,
  ) {}

  example(split: SplitName, index: number): EncodedExample {
    const { input, label } = this.dataset[split][index]!;
    return (this.encoded[split][index] ??= { ids: this.tokenizer.encode(input, this.maxLength), label });
  }

  all(split: SplitName): EncodedExample[] {
    return this.dataset[split].map((_, i) => this.example(split, i));
  }
}

const tasks = new Warm<EncodedTask>(4, () => 1);

/** The task's examples, read once while its files stay as they are. Throws what loadTask throws. */
export function warmTask(config: Task, tokenizer: Tokenizer): EncodedTask {
  const key = `${tokenizer.hash} ${JSON.stringify(config)} ${stamps(config)}`;
  return tasks.get(key) ?? tasks.keep(key, new EncodedTask(loadTask(config), tokenizer, config.maxLength));
}

function stamps(config: Task): string {
  if (config.name !== 'file') return '';
  return [config.path, config.validationPath, config.testPath]
    .map((path) => (path ? statSync(path, { throwIfNoEntry: false }) : undefined))
    .map((found) => (found ? `${found.size}/${found.mtimeMs}` : 'none'))
    .join(' ');
}
