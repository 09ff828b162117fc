import type { TransformerShape } from './shapes.js';

export function transformerLoss(_shape: TransformerShape): never {
  throw new Error('not yet');
}
