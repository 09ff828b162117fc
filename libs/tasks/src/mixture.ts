import { createHash } from 'node:crypto';
import { type SingleTask, singleTasks } from '#contracts/task.js';
import type { Mixture } from '#contracts/tasks/mixture.js';
import type { Kind } from '#contracts/kind.js';
import type { Answers, Example, Said } from './example.js';
import { type Answered, type Metric, valueOf, definedOn } from './metrics/metric.js';
import type { AnyDataset, Dataset, MixedTask } from './dataset.js';

/** Several tasks as one: their examples one task after the other, their labels likewise. An example is
 *  answered among its own task's labels. Throws what `load` throws, with the task's own knob. */
export function mixture(config: Mixture, load: (task: SingleTask) => AnyDataset): AnyDataset {
  const loaded = singleTasks(config).map(({ knob, name, task }) => ({
    name,
    dataset: blaming(knob, () => load(task)),
  }));
  // the schema lets tasks of one kind alone be mixed
  return mixed(loaded as Loaded<Kind>[], config) as AnyDataset;
}

type Loaded<K extends Kind> = Pick<MixedTask<K>, 'name' | 'dataset'>;

function mixed<K extends Kind>(loaded: readonly Loaded<K>[], config: Mixture): Dataset<K> {
  const shares = sharesOf(
    loaded.map(({ dataset }) => dataset.train.length),
    config,
  );
  const tasks = placed(loaded).map((task, i): MixedTask<K> => ({ ...task, share: shares[i]! }));
  const all = <T>(of: (task: MixedTask<K>, index: number) => readonly T[]): T[] =>
    tasks.flatMap((task, i) => [...of(task, i)]);
  const examples = (split: 'train' | 'validation' | 'test') =>
    all((task, index) => task.dataset[split].map((example) => within(task, index, example)));
  const common = commonMetric(tasks);
  return {
    name: `mixture of ${tasks.map((p) => p.name).join(', ')}`,
    kind: loaded[0]!.dataset.kind,
    labels: all(({ name, dataset }) => dataset.labels.map((label) => `${name}/${label}`)),
    labelWords: all(({ dataset }) => dataset.labelWords),
    train: examples('train'),
    validation: examples('validation'),
    test: examples('test'),
    tasks,
    metrics: metricsOf(tasks),
    validateBy: common ?? meanScore,
    reportBy: reportedBy(tasks) ?? meanScore,
    references: {}, // its tasks have their own
    hash: createHash('sha256')
      .update(JSON.stringify(tasks.map(({ name, dataset, share }) => [name, dataset.hash, share])))
      .digest('hex'),
  };
}

/** The metric of all tasks' references, where that is one and the same. */
function reportedBy(tasks: readonly MixedTask[]): string | undefined {
  const [first, ...rest] = tasks.map(({ dataset }) => dataset.reportBy);
  return rest.every((metric) => metric === first) ? first : undefined;
}

/** Mean of the tasks' own selecting metrics, where these are not one and the same. */
const meanScore = 'mean-score';

/** Examples of each task in an epoch of the mixture. Raffel et al. 2020 §3.5.2: min(e_m, K)^(1/T),
 *  normalised. An epoch has as many examples as the tasks count as, and of every task one at least. */
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

function placed<K extends Kind>(loaded: readonly Loaded<K>[]): Omit<MixedTask<K>, 'share'>[] {
  let at = 0;
  return loaded.map(({ name, dataset }) => {
    const from = at;
    at += dataset.labels.length;
    return { name, dataset, labels: { from, to: at } };
  });
}

function within<K extends Kind>(
  { name, labels: { from } }: MixedTask<K>,
  part: number,
  example: Example<K>,
): Example<K> {
  return { ...example, part, id: `${name}/${example.id}`, answer: shifted(example.answer, from) };
}

/** An answer among the labels of the mixture, or back among its task's own. */
function shifted<K extends Kind>(answer: Answers[K], by: number): Answers[K] {
  const own: Answers[Kind] = answer;
  if ('label' in own) return { ...own, label: own.label + by } as Answers[K];
  if ('tags' in own) return { ...own, tags: own.tags.map((tag) => tag + by) } as Answers[K];
  throw new Error('only labels and tags are mixed');
}

/** Every task's metrics ("rte/accuracy") in the order of the tasks. Those that all tasks have come first, as
 *  means over tasks ("accuracy"). */
function metricsOf<K extends Kind>(tasks: readonly MixedTask<K>[]): Metric<K>[] {
  const own = tasks.map(({ dataset }, i) =>
    dataset.metrics.map((metric) =>
      computed(metric, {
        of: (examples, said) =>
          valueOf(metric, examplesOf(tasks, i, examples), { said: saidOf(tasks, i, examples, said) }),
        isDefined: (examples) => definedOn([metric], examplesOf(tasks, i, examples)).length > 0,
      }),
    ),
  );
  const named = (i: number, name: string) => own[i]!.find((metric) => metric.name === name);
  const meanOf = (metric: Metric<K>, each: readonly Metric<K>[]): Metric<K> =>
    computed(metric, {
      of: (examples, said) => mean(each.map((m) => valueOf(m, examples, { said }))),
      isDefined: (examples) => definedOn(each, examples).length === each.length,
    });
  const shared = own[0]!.filter(({ name }) => tasks.every((_, i) => named(i, name)));
  const means = shared.map((metric) =>
    meanOf(
      metric,
      tasks.map((_, i) => named(i, metric.name)!),
    ),
  );
  const selecting = tasks.map(({ dataset }, i) => named(i, dataset.validateBy)!);
  return [
    ...(commonMetric(tasks) ? [] : [meanOf({ ...selecting[0]!, name: meanScore }, selecting)]),
    ...means,
    ...own.flatMap((metrics, i) =>
      metrics.map((metric) => ({ ...metric, name: `${tasks[i]!.name}/${metric.name}` })),
    ),
  ];
}

/** The metric's scale over another number. Mixed tasks have metrics of what is said alone. */
const computed = <K extends Kind>(
  { name, unit, better }: Metric<K>,
  own: {
    of(examples: readonly Example<K>[], said: Answered<K>['said']): number;
    isDefined(examples: readonly Example<K>[]): boolean;
  },
): Metric<K> => ({ name, unit, better, needs: 'said', ...own });

function examplesOf<K extends Kind>(
  tasks: readonly MixedTask<K>[],
  part: number,
  examples: readonly Example<K>[],
): Example<K>[] {
  const { from } = tasks[part]!.labels;
  return examples.filter((e) => e.part === part).map((e) => ({ ...e, answer: shifted(e.answer, -from) }));
}

/** What was said of one task's examples, among its own labels: null where another task's label was said. A
 *  decoded word that two tasks have is each's own. */
export function saidOf<K extends Kind>(
  tasks: readonly MixedTask<K>[],
  part: number,
  examples: readonly Example<K>[],
  said: readonly Said[K][],
): Said[K][] {
  const words = tasks.flatMap(({ dataset }) => dataset.labelWords);
  const { dataset, labels } = tasks[part]!;
  const own = (label: number | null): number | null => {
    if (label === null) return null;
    if (label >= labels.from && label < labels.to) return label - labels.from;
    const place = dataset.labelWords.indexOf(words[label]!);
    return place < 0 ? null : place;
  };
  return said.flatMap((answer: Said[Kind], i) => {
    if (examples[i]!.part !== part) return [];
    if ('tags' in answer) return [{ ...answer, tags: answer.tags.map(own) } as Said[K]];
    if (!('label' in answer)) throw new Error('only labels and tags are mixed');
    const { scores, ...rest } = answer;
    const its = scores && { scores: scores.slice(labels.from, labels.to) };
    return [{ ...rest, ...its, label: own(answer.label) } as Said[K]];
  });
}

function commonMetric(tasks: readonly MixedTask[]): string | undefined {
  const [first, ...rest] = tasks.map(({ dataset }) => dataset.validateBy);
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

/** What a task says of its own knobs ("task.train asks for 9 examples"), said of the place where it stands
 *  ("task.tasks.rte.train asks …"). A file may be called task.csv. */
export const atKnob = (knob: string, message: string): string =>
  message.replaceAll(/(?<![\w./\\-])task\.(?=[a-z])/g, `${knob}.`);
