import type { Dataset, Example } from './task.js';

/** Predictions of the most frequent training class. */
export function majority({ train, labels, test }: Dataset): Int32Array {
  const counts = countLabels(train, labels.length);
  return new Int32Array(test.length).fill(counts.indexOf(Math.max(...counts)));
}

/** Predictions of multinomial naive Bayes on unigrams with add-one smoothing (Manning et al. 2008, fig. 13.2): what a method must beat
 *  to have used the backbone at all. */
export function naiveBayes({ train, labels, test }: Dataset): Int32Array {
  const classes = labels.length;
  const prior = countLabels(train, classes);
  const counts = new Map<string, Float64Array>();
  const totals = new Float64Array(classes);
  for (const { input, label } of train) {
    for (const word of unigrams(input)) {
      let row = counts.get(word);
      if (!row) counts.set(word, (row = new Float64Array(classes)));
      row[label]!++;
      totals[label]!++;
    }
  }
  return Int32Array.from(test, ({ input }) => {
    const scores = prior.map((n) => Math.log(n / train.length));
    for (const word of unigrams(input)) {
      const row = counts.get(word);
      if (row) for (let c = 0; c < classes; c++) scores[c]! += Math.log((row[c]! + 1) / (totals[c]! + counts.size));
    }
    return scores.indexOf(Math.max(...scores));
  });
}

function countLabels(examples: readonly Example[], classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const { label } of examples) counts[label]!++;
  return counts;
}

const unigrams = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
