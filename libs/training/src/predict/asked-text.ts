import { z } from 'zod';
import type { Kind } from '#contracts/kind.js';
import { maskSlot } from '#contracts/open-place.js';
import type { Answers, Example } from '#tasks/example.js';

const segments = z.union([z.string(), z.array(z.string()).min(1)]);

/** A text that is asked about, as a line of a JSONL file has it: what the model reads (after the task's
 *  template), its choices, its words. */
export const AskedText = z.strictObject({
  input: segments.optional(), // two: a pair; of kind span: question and context
  choices: z.array(z.string()).min(2).optional(), // of kind choice
  words: z.array(z.string().min(1)).min(1).optional(), // of kind tags; absent: the input's, between spaces
});
export type AskedText = z.infer<typeof AskedText>;

/** The text as an example of its kind, with an answer that nobody reads. Throws an Error that says what it
 *  lacks. */
export function exampleOf(kind: Kind, { input, choices, words }: AskedText, index: number): Example {
  const parts = input === undefined ? [] : [input].flat();
  const needed = { choices: kind === 'choice', words: kind === 'tags' };
  if (choices && !needed.choices) throw new Error(`choices are given, and answers are of kind ${kind}`);
  if (words && !needed.words) throw new Error(`words are given, and answers are of kind ${kind}`);
  const of = (answer: Answers[Kind], read: readonly string[] = parts): Example => ({
    id: String(index),
    input: read,
    answer,
  });
  if (kind === 'tags') return taggedExample(words ?? parts.join(' ').split(/\s+/).filter(Boolean), of);
  if (parts.length === 0) throw new Error('there is no "input"');
  switch (kind) {
    case 'class':
      return of({ label: 0 });
    case 'number':
      return of({ value: 0 });
    case 'text':
      return of({ references: [''] });
    case 'language':
      return of({});
    case 'choice':
      if (!choices) throw new Error('there are no "choices", one of which is the answer');
      return of({ choices, right: 0 });
    case 'span':
      if (parts.length < 2) throw new Error('"input" has one text; expected a question and a context');
      return of({ answers: [] });
    case 'cloze':
      if (parts.join(' ').split(maskSlot).length !== 2) throw new Error(`"input" has not one ${maskSlot}`);
      return of({ word: 'the' });
    default:
      return kind satisfies never;
  }
}

function taggedExample(
  words: string[],
  of: (answer: Answers[Kind], read: readonly string[]) => Example,
): Example {
  if (words.length === 0) throw new Error('there are no words');
  return of({ before: [], words, tags: words.map(() => 0), lost: 0 }, [words.join(' ')]);
}
