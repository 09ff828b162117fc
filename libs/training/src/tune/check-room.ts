import { slotsInText } from '#contracts/sharing.js';
import type { TuneConfig } from '#contracts/trial.js';
import { virtualTokens } from '#contracts/virtual-tokens.js';
import type { Model } from '#models/model.js';
import type { Answering } from '../answers/answering.js';

/** Throws where a decoder's positions do not hold what the method puts in front of the text, the text, and
 *  what answering writes behind it. Other models read no more than what they are given, and check that
 *  themselves. */
export function checkRoom(
  model: Model,
  configs: readonly TuneConfig[],
  { positionsBehind: behind, longest }: Answering,
): void {
  const { kind, maxPositions } = model;
  if (kind !== 'decoder' || maxPositions === null) return;
  for (const { method } of configs) {
    const virtual = slotsInText(method) ? 0 : virtualTokens(method); // slots are counted as text
    const needed = virtual + longest + behind;
    if (needed <= maxPositions) continue;
    const parts = `${virtual} virtual tokens, texts of up to ${longest} tokens and ${behind} tokens behind them`;
    throw new Error(`${parts} need ${needed} positions, and the model has ${maxPositions}`);
  }
}
