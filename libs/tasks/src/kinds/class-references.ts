import { type Dataset, scoresOf } from '../dataset.js';
import { type Example, joined, type Said } from '../example.js';

type ClassDataset = Dataset<'class'>;
type Answer = Said['class'];

/** The most frequent training label, said of every test example. */
export function majority({ train, labels, test }: ClassDataset): Answer[] {
  const counts = countLabels(train, labels.length);
  const label = counts.indexOf(Math.max(...counts));
  return test.map(() => ({ label }));
}

/** Test answers of multinomial naive Bayes on unigrams (Manning et al. 2008, fig. 13.2), its smoothing chosen
 *  on validation: what a method must beat to have used the backbone at all. */
export function naiveBayes(dataset: ClassDataset): Answer[] {
  const counts = countWords(dataset);
  const classify = (examples: readonly Example[], smoothing: number): Answer[] =>
    examples.map((e) => ({ label: likeliest(counts, joined(e.input), smoothing) }));
  const validated = [1, 0.3, 0.1].map((smoothing) => {
    const score = scoresOf(dataset, 'validation', { said: classify(dataset.validation, smoothing) })[
      dataset.validateBy
    ]!;
    return { smoothing, score };
  });
  const { smoothing } = validated.reduce((best, next) => (next.score > best.score ? next : best));
  return classify(dataset.test, smoothing);
}

interface WordCounts {
  prior: number[]; // log share of each class
  words: Map<string, Float64Array>; // word -> how often in each class
  totals: Float64Array; // words in each class
}

function countWords({ train, labels }: ClassDataset): WordCounts {
  const classes = labels.length;
  const words = new Map<string, Float64Array>();
  const totals = new Float64Array(classes);
  for (const {
    input,
    answer: { label },
  } of train) {
    for (const word of unigrams(joined(input))) {
      let row = words.get(word);
      if (!row) words.set(word, (row = new Float64Array(classes)));
      row[label]!++;
      totals[label]!++;
    }
  }
  return { prior: countLabels(train, classes).map((n) => Math.log(n / train.length)), words, totals };
}

function likeliest({ prior, words, totals }: WordCounts, text: string, smoothing: number): number {
  const scores = [...prior];
  for (const word of unigrams(text)) {
    const row = words.get(word);
    if (!row) continue;
    for (let c = 0; c < scores.length; c++)
      scores[c]! += Math.log((row[c]! + smoothing) / (totals[c]! + smoothing * words.size));
  }
  return scores.indexOf(Math.max(...scores));
}

function countLabels(examples: readonly Example<'class'>[], classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const { answer } of examples) counts[answer.label]!++;
  return counts;
}

const unigrams = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
