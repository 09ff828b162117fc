import type { Adapt, Pretrain } from '#contracts/backbone.js';
import { HostRandom } from '#engine/host-random.js';
import type { DecoderModel, EncoderDecoderModel } from '#models/model.js';
import { InvalidTrial } from '../signals.js';
import { Documents, PackedText } from './documents.js';
import { splitPrefix } from './prefix-lm.js';
import { corruptedLengths, corruptSpans, type Denoising, textLength } from './span-corruption.js';

/** An endless source of text with something to write about it; the same seed gives the same examples in the
 *  same order. */
export interface Objective {
  inputLength: number; // of the longest inputs, in tokens
  targetLength: number;
  next(): Denoising;
}

/** Spans dropped from packed text (pretraining from scratch). */
export function spanCorruption(
  config: Pretrain,
  model: EncoderDecoderModel,
  texts: readonly string[],
  seed: number,
): Objective {
  const { noiseDensity, meanSpan, length } = config;
  const tokens = textLength(length, { noiseDensity, meanSpan });
  const lengths = corruptedLengths(tokens, { noiseDensity, meanSpan });
  const options = { noiseDensity, meanSpan, endId: model.endId, sentinels: sentinelsOf(model) };
  const text = new PackedText(new Documents(texts, model.tokenizer, seed), model.endId);
  const random = new HostRandom(seed, 'spans');
  return {
    inputLength: lengths.inputs,
    targetLength: lengths.targets,
    next: () => corruptSpans(text.next(tokens), options, random),
  };
}

/** Documents to be gone on with (LM adaptation). */
export function prefixLm(
  config: Adapt,
  model: EncoderDecoderModel,
  texts: readonly string[],
  seed: number,
): Objective {
  const documents = new Documents(texts, model.tokenizer, seed);
  const random = new HostRandom(seed, 'prefixes');
  const options = { length: config.length, endId: model.endId };
  let position = 0;
  return {
    inputLength: config.length,
    targetLength: config.length,
    next() {
      for (let tries = 0; tries < texts.length; tries++) {
        const example = splitPrefix(documents.at(position++), options, random);
        if (example) return example;
      }
      throw new InvalidTrial('no document of the corpus has two tokens');
    },
  };
}

/** Packed text of which each token is to be said behind those in front of it. Documents follow each other
 *  with the end token between them, and are not masked from each other (Brown et al. 2020 §2.3). Throws
 *  InvalidTrial where the model has no positions for it. */
export function causalLm(
  { length }: Pick<Adapt, 'length'>,
  model: DecoderModel,
  texts: readonly string[],
  seed: number,
): Objective {
  const { maxPositions } = model;
  if (maxPositions !== null && length > maxPositions)
    throw new InvalidTrial(`length is ${length}, and the model has ${maxPositions} positions`);
  const text = new PackedText(new Documents(texts, model.tokenizer, seed), model.endId);
  return {
    inputLength: length,
    targetLength: length,
    next() {
      const tokens = text.next(length + 1);
      return { inputs: tokens.slice(0, -1), targets: tokens.slice(1) };
    },
  };
}

/** <extra_id_0>, <extra_id_1> … as many as the vocabulary has. */
function sentinelsOf({ tokenizer }: EncoderDecoderModel): number[] {
  const ids: number[] = [];
  for (;;) {
    try {
      ids.push(tokenizer.idOf(`<extra_id_${ids.length}>`));
    } catch {
      return ids;
    }
  }
}
