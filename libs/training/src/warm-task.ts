import { statSync } from 'node:fs';
import type { Task } from '#contracts/task.js';
import type { Method } from '#contracts/method.js';
import type { Reading } from '#methods/method.js';
import { methodOf } from '#methods/table.js';
import type { Model } from '#models/model.js';
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
    private readonly maxLength: number,
    private readonly reading?: Reading,
  ) {}

  /** Tokens of an example, at most. */
  get longest(): number {
    return this.maxLength + (this.reading?.extra ?? 0);
  }

  example(split: SplitName, index: number): EncodedExample {
    const { input, label } = this.dataset[split][index]!;
    return (this.encoded[split][index] ??= { ids: this.read(input), label });
  }

  private read(input: string): number[] {
    return this.reading?.read(input, this.maxLength) ?? this.tokenizer.encode(input, this.maxLength);
  }

  all(split: SplitName): EncodedExample[] {
    return this.dataset[split].map((_, i) => this.example(split, i));
  }
}

const tasks = new Warm<EncodedTask>(4, () => 1);

/** The task's examples, read once while its files stay as they are: as the model has them, or as `method` would. Throws what loadTask throws. */
export function warmTask(config: Task, model: Model, method?: Method): EncodedTask {
  const reading = method && methodOf(method).reading?.(method, model);
  const reader = reading ? `${model.hash} ${JSON.stringify(method)}` : model.tokenizer.hash;
  const key = `${reader} ${JSON.stringify(config)} ${stamps(config)}`;
  return tasks.get(key) ?? tasks.keep(key, new EncodedTask(loadTask(config), model.tokenizer, config.maxLength, reading));
}

function stamps(config: Task): string {
  if (config.name !== 'file') return '';
  return [config.path, config.validationPath, config.testPath]
    .map((path) => (path ? statSync(path, { throwIfNoEntry: false }) : undefined))
    .map((found) => (found ? `${found.size}/${found.mtimeMs}` : 'none'))
    .join(' ');
}
