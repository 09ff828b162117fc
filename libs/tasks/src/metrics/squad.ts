import { countNgrams, overlap } from './ngrams.js';
import { piecesOf } from './tokens/whitespace.js';

/** Exact match and F1 of answers, as means over questions in [0, 1]. */
export interface AnswerScores {
  exactMatch: number;
  f1: number;
}

/** What a question without an answer is scored by: SQuAD 1.1 has none, in 2.0 the answer "" is right
 *  there. */
export type SquadVersion = '1.1' | '2.0';

/** Scores of answers in words, larger is better, as the official scripts of SQuAD 1.1 (Rajpurkar et al. 2016)
 *  and 2.0 (2018) have them. The best of a question's answers counts, without case, ASCII punctuation and
 *  English articles. F1 is of the words that both have. ReCoRD's script (Zhang et al. 2018), which SuperGLUE
 *  uses, is that of 1.1 over entities, and so is MRQA's. In 2.0 a question without an answer is right where
 *  nothing is said. Throws an Error where there is no question, or in 1.1 one without an answer. */
export function squadScores(
  said: readonly string[],
  answers: readonly (readonly string[])[],
  version: SquadVersion,
): AnswerScores {
  if (said.length !== answers.length)
    throw new Error(`${said.length} answers cannot be compared with those of ${answers.length} questions`);
  if (said.length === 0) throw new Error('a metric of no questions is undefined');
  let [exactMatch, f1] = [0, 0];
  for (const [i, text] of said.entries()) {
    const own = plainAnswer(text);
    const right = rightAnswers(answers[i]!.map(plainAnswer), version);
    if (right.length === 0)
      throw new Error(`question ${i} has no answer: only SQuAD 2.0 scores such questions`);
    exactMatch += Number(right.includes(own));
    f1 += Math.max(...right.map((answer) => wordF1(own, answer, version)));
  }
  return { exactMatch: exactMatch / said.length, f1: f1 / said.length };
}

function rightAnswers(answers: readonly string[], version: SquadVersion): readonly string[] {
  if (version === '1.1') return answers;
  const some = answers.filter((answer) => answer !== '');
  return some.length > 0 ? some : [''];
}

// Letters and digits of any script: JavaScript's \b knows ASCII alone, and would find an article in "aé".
const letter = '[\\p{L}\\p{N}_]';
const articles = new RegExp(`(?<!${letter})(?:a|an|the)(?!${letter})`, 'gu');

/** An answer in lower case, without punctuation and articles, one blank between words. */
export function plainAnswer(text: string): string {
  const words = text.toLowerCase().replace(/[!-/:-@[-`{-~]/g, '');
  return piecesOf(words.replace(articles, ' ')).join(' ');
}

function wordF1(said: string, answer: string, version: SquadVersion): number {
  const [own, right] = [piecesOf(said), piecesOf(answer)];
  if (version === '2.0' && (own.length === 0 || right.length === 0))
    return Number(own.length === right.length);
  const both = overlap(countNgrams(own, 1), countNgrams(right, 1));
  return both === 0 ? 0 : (2 * both) / (own.length + right.length);
}
