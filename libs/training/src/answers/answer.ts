import type * as tf from '@tensorflow/tfjs';
import type { Task } from '#contracts/task.js';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import type { Model } from '#models/model.js';
import { byContinuation } from './continuation.js';
import { byCosine } from './cosine.js';
import { byMask } from './mask.js';
import { byTags } from './tags.js';
import { byTargetWords } from './target-words.js';
import { amongOwn, type Answering, type Classes } from './answering.js';
import { pooled } from '../read-once/pooled.js';

export interface AnswerOptions {
  scoring: Task['scoring'];
  tagging?: boolean; // every word is asked for
  maskId?: number | undefined; // the token whose place is the label's, where a template has one
}

/** How this model answers: by the adaptation's head where it has one, else by the label words. */
export function answering(model: Model, classes: Classes, options: AnswerOptions): Answering {
  if (options.tagging && model.kind === 'encoder') return byTags(model);
  const words = byWords(model, classes, options);
  const headScores: Answering['scores'] = (weights, adaptation, batch) =>
    amongOwn(adaptation.head!(pooled(model, weights, adaptation, batch)), batch);
  return {
    ...words,
    losses(weights, adaptation, batch, constants) {
      if (!adaptation.head) return words.losses(weights, adaptation, batch, constants);
      return softmaxCrossEntropy(headScores(weights, adaptation, batch, constants), batch['labels'] as tf.Tensor1D);
    },
    scores(weights, adaptation, batch, constants) {
      return (adaptation.head ? headScores : words.scores)(weights, adaptation, batch, constants);
    },
  };
}

function byWords(model: Model, classes: Classes, { scoring, maskId }: AnswerOptions): Answering {
  switch (model.kind) {
    case 'encoder':
      return maskId === undefined ? byCosine(model, classes.words) : byMask(model, classes.words, maskId);
    case 'encoder-decoder':
      return byTargetWords(model, classes.words);
    case 'decoder':
      return byContinuation(model, classes, scoring);
  }
}
