import type { Answer } from '#contracts/answer.js';
import type { GenerateOptions } from '#models/generate/options.js';
import type { Writer } from '#models/generate/writer.js';
import type { GivenTexts } from '#models/generate/written-texts.js';
import type { Model } from '#models/model.js';

/** How texts are written where the config says so; `most`: tokens where it does not. */
export function written(answer: Answer, most: number): GenerateOptions {
  const { maxTokens, beams, lengthPenalty, minTokens, noRepeatNgram, topP, temperature, seed } = answer;
  return {
    maxTokens: maxTokens ?? most,
    beams,
    lengthPenalty,
    ...(noRepeatNgram > 0 && { noRepeatNgram }),
    ...(minTokens > 0 && { minTokens }),
    ...(topP !== null && { sampling: { seed, temperature, topK: 0, topP } }),
  };
}

export const sentinel = '<extra_id_0>';

/** What is written without the sentinel that it may begin with, as Lester et al.'s evaluation has it. */
export const withoutSentinel = (text: string): string =>
  text.startsWith(sentinel) ? text.slice(sentinel.length).trimStart() : text;

/** What the writer's model writes for each row, the best text first, without blanks around it. */
export function writtenTexts(
  model: Model,
  writer: Writer,
  given: GivenTexts,
  options: GenerateOptions,
): string[][] {
  const decoded = (ids: number[]) => model.tokenizer.decode(ids).trim();
  return writer.write(given, options).map((texts) => texts.map(decoded));
}
