import type { Model } from '#models/model.js';

/** Throws where `length` virtual tokens leave the text no learned position. */
export function checkVirtualTokens(length: number, { maxPositions }: Model): void {
  if (maxPositions !== null && length >= maxPositions)
    throw new Error(
      `method.length is ${length}, and the model has ${maxPositions} positions for virtual tokens and text together`,
    );
}
