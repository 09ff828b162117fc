import type { Glue, GlueDataset } from '#contracts/tasks/glue.js';

/** The names of a dataset's texts and of what is right, in one format. */
interface Columns {
  texts: readonly string[];
  label: string;
}

interface GlueRows {
  /** What T5 calls the texts, in the order of a pair. */
  names: readonly string[];
  /** T5's label words, in the order of the labels' numbers; none: the label is a number itself. */
  labels?: readonly string[];
  tsv: Columns;
  jsonl: Columns;
  /** The columns of TSV files without a header. */
  header?: readonly string[];
}

const sentences = ['sentence1', 'sentence2'];
const entailed = ['entailment', 'not_entailment'];

/** What each dataset's files have. TSV as gluebenchmark.com publishes it, JSON lines as Hugging Face's copy
 *  has it. */
export const glueRows: Readonly<Record<GlueDataset, GlueRows>> = {
  cola: {
    names: ['sentence'],
    labels: ['unacceptable', 'acceptable'],
    tsv: { texts: ['sentence'], label: 'label' },
    jsonl: { texts: ['sentence'], label: 'label' },
    header: ['source', 'label', 'mark', 'sentence'],
  },
  sst2: {
    names: ['sentence'],
    labels: ['negative', 'positive'],
    tsv: { texts: ['sentence'], label: 'label' },
    jsonl: { texts: ['sentence'], label: 'label' },
  },
  mrpc: {
    names: sentences,
    labels: ['not_equivalent', 'equivalent'],
    tsv: { texts: ['#1 String', '#2 String'], label: 'Quality' },
    jsonl: { texts: sentences, label: 'label' },
  },
  qqp: {
    names: ['question1', 'question2'],
    labels: ['not_duplicate', 'duplicate'],
    tsv: { texts: ['question1', 'question2'], label: 'is_duplicate' },
    jsonl: { texts: ['question1', 'question2'], label: 'label' },
  },
  stsb: {
    names: sentences,
    tsv: { texts: sentences, label: 'score' },
    jsonl: { texts: sentences, label: 'label' },
  },
  mnli: {
    names: ['premise', 'hypothesis'],
    labels: ['entailment', 'neutral', 'contradiction'],
    tsv: { texts: sentences, label: 'gold_label' },
    jsonl: { texts: ['premise', 'hypothesis'], label: 'label' },
  },
  qnli: {
    names: ['question', 'sentence'],
    labels: entailed,
    tsv: { texts: ['question', 'sentence'], label: 'label' },
    jsonl: { texts: ['question', 'sentence'], label: 'label' },
  },
  rte: {
    names: sentences,
    labels: entailed,
    tsv: { texts: sentences, label: 'label' },
    jsonl: { texts: sentences, label: 'label' },
  },
};

/** The texts as a model reads them: T5's one text, its parts in the order of their names, or the two of a
 *  pair. */
export function glueInput(
  { dataset, input }: Pick<Glue, 'dataset' | 'input'>,
  texts: readonly string[],
): string[] {
  if (input === 'pair') return [...texts];
  const { names } = glueRows[dataset];
  const parts = names
    .map((name, i) => ({ name, text: texts[i]! }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return [parts.map(({ name, text }) => `${name}: ${text}`).join(' ')];
}
