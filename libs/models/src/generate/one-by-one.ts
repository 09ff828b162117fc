import type { GenerateOptions } from './options.js';
import { bestOf } from './picks.js';
import { drawTokens, ranked, suffices } from './sampling.js';
import { bannedAt, bansTokens, forcedToken } from './token-rules.js';
import type { Writing } from './writing.js';
import type { WrittenTexts } from './written-texts.js';

/** Greedy or drawn texts, without their ends. */
export function oneByOne(texts: WrittenTexts, options: GenerateOptions, writing: Writing): number[][] {
  const { maxTokens, sampling, noRepeatNgram = 0 } = options;
  const rules = { ...options, ...writing, maxTokens };
  const written: number[][] = Array.from({ length: texts.rows }, () => []);
  const all = noRepeatNgram > 0 ? texts.prompts() : written.map((): number[] => []);
  const open = written.map(() => true);
  let last: number[] = [];
  for (let step = 0; step < maxTokens && open.includes(true); step++) {
    const banned = bansTokens(options) ? all.map((text) => bannedAt(step, text, rules)) : [];
    const path = Array.from({ length: step - 1 }, () => 0);
    const picks =
      step === 0
        ? texts.begin(banned)
        : texts.next({ ids: last.map((id) => [id]), paths: last.map(() => [path]) }, banned);
    const forced = forcedToken(step, rules);
    if (forced !== undefined) last = written.map(() => forced);
    else last = sampling ? drawn(texts, picks, step, options) : Array.from(picks);
    last.forEach((token, row) => {
      all[row]!.push(token);
      open[row] &&= !writing.endIds.includes(token);
      if (open[row]) written[row]!.push(token);
    });
  }
  return written;
}

/** From the best tokens alone where the others can't be drawn. */
function drawn(
  texts: WrittenTexts,
  picks: Float32Array,
  step: number,
  { sampling, streams }: GenerateOptions,
): number[] {
  const best = bestOf(picks, texts.rows);
  const few = best.every((row) => suffices(row, sampling!));
  return drawTokens(few ? best : texts.allLogits().map(ranked), step, sampling!, streams);
}
