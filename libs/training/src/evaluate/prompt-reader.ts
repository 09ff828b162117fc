/** How a model reads a prompt that somebody wrote: a text within a template, or behind examples. */
import type { NoMethod } from '#contracts/methods/none.js';
import type { TemplatePart } from '#contracts/template.js';
import { checkSingleTokens, templateReading } from '#methods/prompts/template.js';
import type { Model } from '#models/model.js';
import { joined } from '#tasks/example.js';
import { type InputReader, inputReader, textReader } from '../rows/input-reader.js';

/** `before`: what stands in front of every text, examples with their answers. `labelWords`: what may stand
 *  at a {mask}. Throws where the model has no mask, or a word is not one token. */
export function promptReader(
  model: Model,
  { template }: Pick<NoMethod, 'template'>,
  { before, labelWords }: { before: string; labelWords: readonly string[] },
): InputReader {
  if (template !== null) {
    const reading = templateReading(partsOf(template), model);
    checkSingleTokens(labelWords, model.tokenizer);
    return {
      key: `${model.hash} ${template}`,
      extra: reading.extra,
      maskId: reading.maskId!,
      read: (input, maxLength) => ({ ids: reading.read(joined(input), maxLength) }),
    };
  }
  if (before === '') return inputReader(model);
  const { tokenizer } = model;
  const read = textReader(model);
  const extra = tokenizer.encodePlain(before).length;
  return {
    key: `${tokenizer.hash} ${model.kind} ${before}`,
    extra,
    read: (input, maxLength) => ({ ids: read(before + joined(input), maxLength + extra) }),
  };
}

/** Words around {text} and {mask}. */
function partsOf(template: string): TemplatePart[] {
  const pieces = template.split(/(\{text\}|\{mask\})/).filter((piece) => piece.trim() !== '');
  return pieces.map((piece) => {
    if (piece === '{text}') return { kind: 'text' };
    return piece === '{mask}' ? { kind: 'mask' } : { kind: 'words', words: piece.trim() };
  });
}
