import { writtenWord } from '#models/label-words.js';
import type { Model } from '#models/model.js';
import { type Answering, type Classes, likeliest } from './answering.js';

/** One label a text: the likeliest, or the one whose word, as the model writes it, is the written text. */
export function classSaid(model: Model, { words }: Classes): Answering['said'] {
  const written = words.map((word) => writtenWord(model, word));
  return (outputs, row) => {
    if ('texts' in outputs) {
      const text = outputs.texts[row]!;
      const label = written.indexOf(text);
      return { label: label < 0 ? null : label, text };
    }
    const { scores, classes } = outputs;
    const own = scores.slice(row * classes, (row + 1) * classes);
    return { label: likeliest(own), scores: own };
  };
}
