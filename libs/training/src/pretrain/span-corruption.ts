import type { HostRandom } from '#engine/host-random.js';

/** What a model reads and what it should write, as token ids without padding. */
export interface Denoising {
  inputs: number[];
  targets: number[];
}

export interface SpanCorruptionOptions {
  noiseDensity: number; // share of tokens that are dropped
  meanSpan: number; // tokens
  sentinels: readonly number[]; // ids of <extra_id_0>, <extra_id_1> …
  endId: number;
}

/** Spans of the text are dropped and written instead: inputs = text with a sentinel for each span, targets =
 *  every sentinel with what it stands for, both closed by the end token. Lengths depend on the number of
 *  tokens alone. Raffel et al. 2020 §3.1.4; the spans as T5's random_spans_noise_mask draws them: the text
 *  begins with kept tokens. */
export function corruptSpans(
  tokens: ArrayLike<number>,
  options: SpanCorruptionOptions,
  random: HostRandom,
): Denoising {
  const { noise, spans } = noiseCounts(tokens.length, options);
  if (spans > options.sentinels.length) {
    throw new Error(
      `${tokens.length} tokens need ${spans} sentinels, and the tokenizer has ${options.sentinels.length}`,
    );
  }
  const dropped = segments(noise, spans, random);
  const kept = segments(tokens.length - noise, spans, random);
  const inputs: number[] = [];
  const targets: number[] = [];
  let at = 0;
  for (let span = 0; span < spans; span++) {
    for (let i = 0; i < kept[span]!; i++) inputs.push(tokens[at++]!);
    inputs.push(options.sentinels[span]!);
    targets.push(options.sentinels[span]!);
    for (let i = 0; i < dropped[span]!; i++) targets.push(tokens[at++]!);
  }
  return { inputs: [...inputs, options.endId], targets: [...targets, options.endId] };
}

/** Lengths of inputs and targets, end tokens included, that `tokens` tokens of text give. */
export function corruptedLengths(
  tokens: number,
  options: Pick<SpanCorruptionOptions, 'noiseDensity' | 'meanSpan'>,
) {
  const { noise, spans } = noiseCounts(tokens, options);
  return { inputs: tokens - noise + spans + 1, targets: noise + spans + 1 };
}

/** The most tokens of text whose corrupted inputs still fit `length`. */
export function textLength(
  length: number,
  options: Pick<SpanCorruptionOptions, 'noiseDensity' | 'meanSpan'>,
): number {
  let tokens = Math.max(2, Math.floor(length / 2));
  while (corruptedLengths(tokens + 1, options).inputs <= length) tokens++;
  return tokens;
}

function noiseCounts(
  tokens: number,
  { noiseDensity, meanSpan }: Pick<SpanCorruptionOptions, 'noiseDensity' | 'meanSpan'>,
) {
  const noise = Math.min(Math.max(Math.round(tokens * noiseDensity), 1), tokens - 1);
  const spans = Math.max(1, Math.min(Math.round(noise / meanSpan), tokens - noise));
  return { noise, spans };
}

/** `total` cut at random into `count` parts of at least one: every cut is equally likely. */
function segments(total: number, count: number, random: HostRandom): number[] {
  const cuts = random.choice(total - 1, count - 1).toSorted((a, b) => a - b);
  const ends = [...cuts.map((c) => c + 1), total];
  return ends.map((end, i) => end - (i === 0 ? 0 : ends[i - 1]!));
}
