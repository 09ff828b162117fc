import type { EncoderModel } from '../model.js';
import { robertaMaskHead } from '../post-norm/heads.js';
import { postNormModel } from '../post-norm/model.js';
import { configOf, type StoredModel } from '../stored-model.js';
import { mpnetEncode } from './mpnet.js';
import { MPNetConfig, mostPositions, mpnetNames, mpnetOthers, mpnetShapes } from './mpnet-config.js';

export function mpnetModel(stored: StoredModel): EncoderModel {
  const c = configOf(MPNetConfig, mpnetOthers, stored);
  return postNormModel(stored, c, {
    family: 'mpnet',
    names: mpnetNames,
    head: robertaMaskHead,
    shapes: () => mpnetShapes(c),
    maxPositions: mostPositions(c),
    encode: (w, batch, adaptation) => mpnetEncode(c, w, batch, adaptation),
  });
}
