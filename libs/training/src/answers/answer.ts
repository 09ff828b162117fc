import type * as tf from '@tensorflow/tfjs';
import { type Task, kindOf } from '#contracts/task.js';
import type { Method } from '#contracts/method.js';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import { methodOf } from '#methods/table.js';
import type { Model } from '#models/model.js';
import { pooled } from '../read-once/pooled.js';
import { amongOwn, type Answering, type Classes } from './answering.js';
import { byContinuation } from './continuation.js';
import { byCosine } from './cosine.js';
import { byMask } from './mask.js';
import { classSaid } from './class.js';
import { byTags, tagsSaid } from './tags.js';
import { byTargetWords } from './target-words.js';

type Way = Omit<Answering, 'key' | 'classes' | 'said'>;

/** How this model answers the task: by the adaptation's head where it has one, else by the label words. `method` is
 *  absent where the backbone is untouched. Made once a gang, for its steps, its room and its scores. */
export function answeringOf(
  model: Model,
  { task, method }: { task: Pick<Task, 'name' | 'scoring'>; method?: Method },
  classes: Classes,
): Answering {
  const tagging = kindOf(task as Task) === 'tags';
  if (tagging && model.kind === 'encoder') return { key: { tagging, classes }, classes, said: tagsSaid, ...byTags(model) };
  const maskId = method && methodOf(method).reading?.(method, model)?.maskId;
  const key = { classes, scoring: task.scoring, maskId };
  return { key, classes, said: classSaid(model, classes), ...orByHead(model, byWords(model, classes, task.scoring, maskId)) };
}

/** By the adaptation's head on pooled states where there is one. */
function orByHead(model: Model, words: Way): Way {
  const headScores: Way['scores'] = (weights, adaptation, batch) =>
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

function byWords(model: Model, classes: Classes, scoring: Task['scoring'], maskId: number | undefined): Way {
  switch (model.kind) {
    case 'encoder':
      return maskId === undefined ? byCosine(model, classes.words) : byMask(model, classes.words, maskId);
    case 'encoder-decoder':
      return byTargetWords(model, classes.words);
    case 'decoder':
      return byContinuation(model, classes, scoring);
  }
}
