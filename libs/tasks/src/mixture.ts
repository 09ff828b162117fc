import { createHash } from 'node:crypto';
import { type Mixture, type SingleTask, singleTasks } from '#contracts/task.js';
import type { Dataset, Example, MixedPart } from './task.js';

/** Several tasks as one: their examples one task after the other, their labels likewise. An example is answered among its own task's labels.
 *  Throws what `load` throws, with the task's own knob. */
export function mixture(config: Mixture, load: (task: SingleTask) => Dataset): Dataset {
  const loaded = singleTasks(config).map(({ knob, name, task }) => ({ name, dataset: blaming(knob, () => load(task)) }));
  const shares = sharesOf(
    loaded.map(({ dataset }) => dataset.train.length),
    config,
  );
  const parts = placed(loaded).map((part, i): MixedPart => ({ ...part, share: shares[i]! }));
  const all = <T>(of: (part: MixedPart, index: number) => readonly T[]): T[] => parts.flatMap((part, i) => [...of(part, i)]);
  const examples = (split: 'train' | 'validation' | 'test') =>
    all((part, index) => part.dataset[split].map((example) => within(part, index, example)));
  return {
    name: `mixture of ${parts.map((p) => p.name).join(', ')}`,
    labels: all(({ name, dataset }) => dataset.labels.map((label) => `${name}/${label}`)),
    labelWords: all(({ dataset }) => dataset.labelWords),
    ...(parts.every(({ dataset }) => dataset.tagging) && { tagging: true }),
    train: examples('train'),
    validation: examples('validation'),
    test: examples('test'),
    parts,
    selectBy: commonMetric(parts) ?? meanScore,
    score: (split, predictions) => scored(parts, split, predictions),
    hash: createHash('sha256')
      .update(JSON.stringify(parts.map(({ name, dataset, share }) => [name, dataset.hash, share])))
      .digest('hex'),
  };
}

/** Mean of the tasks' own selecting metrics, where these are not one and the same. */
const meanScore = 'mean-score';

/** Examples of each task in an epoch of the mixture. Raffel et al. 2020 §3.5.2: min(e_m, K)^(1/T), normalised. An epoch has as many examples as the
 *  tasks count as, and of every task one at least. */
export function sharesOf(
  sizes: readonly number[],
  { mixing, limit, temperature }: Pick<Mixture, 'mixing' | 'limit' | 'temperature'>,
): number[] {
  const counted = sizes.map((n) => Math.min(n, limit ?? n));
  const length = counted.reduce((a, b) => a + b, 0);
  const weights = counted.map((n) => (mixing === 'equal' ? 1 : n ** (1 / temperature)));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => Math.max(1, Math.round((w / total) * length)));
}

function placed(loaded: readonly Pick<MixedPart, 'name' | 'dataset'>[]): Omit<MixedPart, 'share'>[] {
  let at = 0;
  return loaded.map(({ name, dataset }) => {
    const from = at;
    at += dataset.labels.length;
    return { name, dataset, labels: { from, to: at } };
  });
}

function within({ name, labels: { from } }: MixedPart, part: number, { tagged, ...example }: Example): Example {
  return {
    ...example,
    part,
    id: `${name}/${example.id}`,
    label: example.label + from,
    ...(tagged && { tagged: { ...tagged, tags: tagged.tags.map((tag) => tag + from) } }),
  };
}

/** Every task's metrics ("rte/accuracy") in the order of the tasks, and of those that all of them have the mean over tasks ("accuracy"), in front. */
function scored(parts: readonly MixedPart[], split: 'validation' | 'test', predictions: Int32Array): Record<string, number> {
  const own = byPart(parts, split, predictions).map((said, i) => parts[i]!.dataset.score(split, said));
  const shared = Object.keys(own[0]!).filter((metric) => own.every((scores) => metric in scores));
  const means = shared.map((metric) => [metric, mean(own.map((scores) => scores[metric]!))]);
  const selecting = mean(own.map((scores, i) => scores[parts[i]!.dataset.selectBy]!));
  const named = own.flatMap((scores, i) =>
    Object.entries(scores).map(([metric, value]) => [`${parts[i]!.name}/${metric}`, value]),
  );
  return Object.fromEntries([...(commonMetric(parts) ? [] : [[meanScore, selecting]]), ...means, ...named]);
}

/** Predictions among all labels as each task's own classes; -1 where they are another task's. A decoded word that two tasks have is each's own. */
export function byPart(parts: readonly MixedPart[], split: 'validation' | 'test', predictions: Int32Array): Int32Array[] {
  const words = parts.flatMap(({ dataset }) => dataset.labelWords);
  let at = 0;
  const own = parts.map(({ dataset, labels: { from, to } }) => {
    const answers = dataset[split].reduce((n, { tagged }) => n + (tagged?.words.length ?? 1), 0);
    const said = predictions.slice(at, (at += answers));
    return said.map((p) => (p >= from && p < to ? p - from : p < 0 ? -1 : dataset.labelWords.indexOf(words[p]!)));
  });
  if (at !== predictions.length) throw new Error(`${predictions.length} predictions for ${at} answers`);
  return own;
}

function commonMetric(parts: readonly MixedPart[]): string | undefined {
  const [first, ...rest] = parts.map(({ dataset }) => dataset.selectBy);
  return rest.every((metric) => metric === first) ? first : undefined;
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** What is wrong with one of the tasks, with its knob. */
function blaming<T>(knob: string, load: () => T): T {
  try {
    return load();
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    const message = atKnob(knob, cause.message);
    throw new Error(message === cause.message ? `${knob}: ${message}` : message, { cause });
  }
}

/** What a task says of its own knobs ("task.train asks for 9 examples"), said of the place where it stands ("task.tasks.rte.train asks …"). A file may
 *  be called task.csv. */
export const atKnob = (knob: string, message: string): string => message.replaceAll(/(?<![\w./\\-])task\.(?=[a-z])/g, `${knob}.`);
