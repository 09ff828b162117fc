import * as tf from '@tensorflow/tfjs';
import type { Adaptation } from '#models/adaptation.js';
import type { Model } from '#models/model.js';

/** What a method leaves as it is of the stack that reads the text: embeddings and the layers below `layer`,
 *  which make the same of a text at every step. */
export interface FrozenPart {
  // the lowest that anything trained touches; the stack's number of layers where none is; 0: nothing worth
  // keeping
  layer: number;
  shift: number; // of the text's positions, as the method's `positions` hook has them
}

/** The hooks under which encode() gives what a frozen part makes of a text. */
export function frozenPass({ layer, shift }: FrozenPart): Adaptation {
  return { end: layer, ...(shift > 0 && { positions: (ids) => tf.add(ids, tf.scalar(shift, 'int32')) }) };
}

/** The stack that reads the text. */
export const firstStack = ({ modules }: Model): Stack => modules.linears[0]!.stack;

/** The stack that answers: the same one but in an encoder-decoder. */
export const lastStack = ({ modules }: Model): Stack => modules.linears.at(-1)!.stack;

export function layersOf(stack: Stack, { modules }: Model): number {
  return Math.max(...modules.linears.filter((m) => m.stack === stack).map((m) => m.layer)) + 1;
}

type Stack = 'encoder' | 'decoder';
