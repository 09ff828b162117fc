import { taskWithPaths } from '#contracts/inputs-of.js';
import type { Task } from '#contracts/task.js';
import type { AnyDataset, Dataset } from '#tasks/dataset.js';
import { loadTask } from '#tasks/load-task.js';
import { selectedBy } from '#tasks/selected-by.js';
import type { Answering } from '../answers/answering.js';
import { Contents } from '../local-inputs.js';
import { Warm } from '../warm/warm.js';
import type { EncodedExample } from './answer-examples.js';
import type { Row } from './row.js';

export type SplitName = 'train' | 'validation' | 'test';

type Rows = Pick<Answering, 'rows' | 'alternatives' | 'longest'>;

/** A dataset as one model reads it; an example is encoded when it is first asked for. */
export class EncodedTask {
  constructor(
    readonly dataset: Dataset,
    private readonly answers: Rows,
    private readonly encoded: Record<SplitName, EncodedExample[]> = { train: [], validation: [], test: [] },
  ) {}

  /** The same rows, with checkpoints chosen by another metric; null: the task's own. Throws as selectedBy().
   */
  selectedBy(metric: string | null): EncodedTask {
    return new EncodedTask(selectedBy(this.dataset, metric), this.answers, this.encoded);
  }

  /** Tokens of a row, at most. */
  get longest(): number {
    return this.answers.longest;
  }

  example(split: SplitName, index: number): EncodedExample {
    return (this.encoded[split][index] ??= this.encode(split, index));
  }

  /** What is trained on of an example: another of its rows in every epoch, in turn. */
  trained(index: number, epoch: number): Row {
    const { rows } = this.example('train', index);
    return rows[epoch % rows.length]!;
  }

  all(split: SplitName): EncodedExample[] {
    return this.dataset[split].map((_, i) => this.example(split, i));
  }

  private encode(split: SplitName, index: number): EncodedExample {
    const { rows, alternatives } = this.answers;
    const example = this.dataset[split][index]!;
    return { example, rows: split === 'train' && alternatives ? alternatives(example) : rows(example) };
  }
}

interface Loaded {
  dataset: AnyDataset;
  encoded: Map<string, EncodedTask>; // by what tells their rows apart
}

const tasks = new Warm<Loaded>(4, () => 1);

/** The task's examples, read once while its files hold the same. Throws what loadTask throws. */
export function warmDataset(config: Task, contents = new Contents()): Dataset {
  return loaded(config, contents).dataset as Dataset;
}

/** The same as an answering reads them. */
export function warmTask(
  config: Task,
  answers: Rows & Pick<Answering, 'rowsKey'>,
  contents = new Contents(),
): EncodedTask {
  const { dataset, encoded } = loaded(config, contents);
  const known = encoded.get(answers.rowsKey) ?? new EncodedTask(dataset as Dataset, answers);
  encoded.delete(answers.rowsKey);
  encoded.set(answers.rowsKey, known);
  if (encoded.size > mostReadings) encoded.delete([...encoded.keys()][0]!);
  return known;
}

const mostReadings = 4; // of one task, by other models and templates

function loaded(config: Task, contents: Contents): Loaded {
  const key = JSON.stringify(taskWithPaths(config, contents.of));
  return tasks.get(key) ?? tasks.keep(key, { dataset: loadTask(config), encoded: new Map() });
}
