import { type Task, kindOf } from '#contracts/task.js';
import { taskWithPaths } from '#contracts/inputs-of.js';
import type { Method } from '#contracts/method.js';
import { methodOf } from '#methods/table.js';
import type { Model } from '#models/model.js';
import { loadTask } from '#tasks/load-task.js';
import { type Example, joined, type TaggedWords } from '#tasks/example.js';
import type { Dataset } from '#tasks/dataset.js';
import type { Classes } from '../answers/answering.js';
import type { EncodedExample } from './encode-examples.js';
import { WordEncoder } from './encode-words.js';
import { Contents } from '../local-inputs.js';
import { Warm } from '../warm/warm.js';

export type SplitName = 'train' | 'validation' | 'test';

/** Added to the score of a class that an example's task has not: no score comes near it, and no float overflows by it. */
const outOfReach = -1e9;

/** A dataset as one model reads it; an example is encoded when it is first asked for. */
export class EncodedTask {
  private readonly closed: Float32Array[]; // of each part of a mixture
  private readonly encoded: Record<SplitName, EncodedExample[]> = { train: [], validation: [], test: [] };

  constructor(
    readonly dataset: Dataset,
    private readonly read: (text: string, maxLength: number) => number[],
    private readonly maxLength: number,
    private readonly extra = 0, // tokens that `read` adds to maxLength, at most
    private readonly words?: WordEncoder, // where words are tagged
  ) {
    const { parts = [], labels } = dataset;
    this.closed = parts.map(({ labels: { from, to } }) => new Float32Array(labels.length).fill(outOfReach).fill(0, from, to));
  }

  /** Tokens of an example, at most. */
  get longest(): number {
    return this.maxLength + this.extra;
  }

  get classes(): Classes {
    const { labelWords, parts } = this.dataset;
    return { words: labelWords, ...(parts && { tasks: parts.map((p) => p.labels) }) };
  }

  example(split: SplitName, index: number): EncodedExample {
    return (this.encoded[split][index] ??= this.encode(this.dataset[split][index]!));
  }

  private encode({ input, answer, part }: Example): EncodedExample {
    const closed = part === undefined ? {} : { closed: this.closed[part]! };
    if ('tags' in answer) return { ...this.words!.encode(answer as TaggedWords, this.maxLength), ...closed };
    if (!('label' in answer)) throw new Error(`no model answers texts of kind ${this.dataset.kind} yet`);
    return { ids: this.read(joined(input), this.maxLength), label: answer.label, ...closed };
  }

  all(split: SplitName): EncodedExample[] {
    return this.dataset[split].map((_, i) => this.example(split, i));
  }
}

const tasks = new Warm<EncodedTask>(4, () => 1);

/** The task's examples, read once while its files hold the same: as the model has them, or as `method` would. Throws what loadTask throws. */
export function warmTask(config: Task, model: Model, method?: Method, contents = new Contents()): EncodedTask {
  const reading = method && methodOf(method).reading?.(method, model);
  const reader = reading ? `${model.hash} ${JSON.stringify(method)}` : `${model.tokenizer.hash} ${model.kind}`;
  const key = `${reader} ${JSON.stringify(taskWithPaths(config, contents.of))}`;
  const read = reading?.read ?? textReader(model);
  const words = kindOf(config) === 'tags' ? new WordEncoder(model.tokenizer) : undefined;
  return tasks.get(key) ?? tasks.keep(key, new EncodedTask(loadTask(config), read, config.maxLength, reading?.extra, words));
}

/** A text's ids. One that a decoder goes on with is open at its end, without a space that the label word brings along; it is never empty. */
export function textReader(model: Model): (text: string, maxLength: number) => number[] {
  const { tokenizer } = model;
  if (model.kind !== 'decoder') return (text, maxLength) => tokenizer.encode(text, maxLength);
  return (text, maxLength) => {
    const ids = tokenizer.encodeOpen(text.trimEnd(), maxLength);
    return ids.length ? ids : [model.endId];
  };
}
