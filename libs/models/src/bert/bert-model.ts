import type { EncoderModel } from '../model.js';
import { bertMaskHead, robertaMaskHead } from '../post-norm/heads.js';
import { postNormModel } from '../post-norm/model.js';
import { configOf, type StoredModel } from '../stored-model.js';
import { bertEncode } from './bert.js';
import { BertConfig, bertNames, bertOthers, bertShapes, firstPosition } from './bert-config.js';

/** BERT and RoBERTa. */
export function bertModel(stored: StoredModel): EncoderModel {
  const c = configOf(BertConfig, bertOthers, stored);
  return postNormModel(stored, c, {
    family: c.model_type,
    names: bertNames,
    head: c.model_type === 'bert' ? bertMaskHead(c.hidden_act) : robertaMaskHead,
    shapes: () => bertShapes(c),
    maxPositions: c.max_position_embeddings - firstPosition(c),
    encode: (w, batch, adaptation) => bertEncode(c, w, batch, adaptation),
  });
}
