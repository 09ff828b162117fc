import { BeamSearch, type Candidate } from './beam-search.js';
import type { GenerateOptions } from './options.js';
import { type Best, bestOf } from './picks.js';
import { bannedAt, bansTokens, forcedToken } from './token-rules.js';
import type { Writing } from './writing.js';
import type { WrittenTexts } from './written-texts.js';

/** Of each search at most `beams` texts without their ends, the best first. */
export function beamSearch(texts: WrittenTexts, options: GenerateOptions, writing: Writing): number[][][] {
  const { beams, maxTokens, lengthPenalty, earlyStopping = false, noRepeatNgram = 0 } = options;
  const { endIds } = writing;
  const rules = { ...options, ...writing, maxTokens };
  const each = Array.from({ length: beams }, (_, beam) => beam);
  const prompts = noRepeatNgram > 0 ? texts.prompts() : [];
  const search = { beams, maxTokens, lengthPenalty, endIds, earlyStopping };
  const searches = Array.from({ length: texts.rows }, () => new BeamSearch(search));
  const width = (1 + endIds.length) * beams;
  let paths = searches.map(() => each.map((): number[] => []));
  for (let step = 0; searches.some((s) => !s.done); step++) {
    const texting = step === 0 ? [0] : each; // at first a text's beams are one
    const tokens = ({ live }: BeamSearch, beam: number) => live[beam]?.tokens ?? [];
    const bans = (s: BeamSearch, row: number) =>
      texting.map((beam) => bannedAt(step, [...(prompts[row] ?? []), ...tokens(s, beam)], rules));
    const banned = bansTokens(options) ? searches.flatMap(bans) : [];
    const ids = searches.map((s) => each.map((beam) => tokens(s, beam).at(-1) ?? endIds[0]!));
    const picks = step === 0 ? texts.begin(banned) : texts.next({ ids, paths }, banned);
    const best = bestOf(picks, searches.length * texting.length);
    const forced = forcedToken(step, rules);
    paths = searches.map((one, row) => {
      const own = best.slice(row * texting.length, (row + 1) * texting.length);
      const candidates = forced === undefined ? among(own, one) : onlyOf(forced, one, width);
      const grown = one.done ? [] : one.advance(candidates.slice(0, width));
      return each.map((beam) =>
        step === 0 ? [] : [...paths[row]![grown[beam] ?? beam]!, grown[beam] ?? beam],
      );
    });
  }
  return searches.map((s) => s.ended());
}

/** Continuations of a text's beams, the best first. */
function among(best: readonly Best[], { live }: BeamSearch): Candidate[] {
  const all = best.flatMap(({ ids, logits, logSum }, beam) =>
    ids.map((token, i) => {
      const score = Math.fround(Math.fround(logits[i]! - logSum) + (live[beam]?.score ?? -Infinity));
      return { beam, token, score };
    }),
  );
  return all.toSorted(byScore);
}

/** The same where one token must come, which scores 0; the others, that can't, fill what there is room for.
 */
function onlyOf(token: number, { live }: BeamSearch, width: number): Candidate[] {
  const forced = live.map(({ score }, beam) => ({ beam, token, score }));
  const others = Array.from({ length: width + 1 }, (_, id) => ({ beam: 0, token: id, score: -Infinity }));
  return [...forced.toSorted(byScore), ...others.filter((c) => c.token !== token)];
}

/** Equal ones in the order of beams and ids. */
function byScore(a: Candidate, b: Candidate): number {
  if (a.score !== b.score) return a.score > b.score ? -1 : 1;
  return a.beam - b.beam || a.token - b.token;
}
