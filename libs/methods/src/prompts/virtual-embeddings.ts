import * as tf from '@tensorflow/tfjs';
import type { Method } from '#contracts/method.js';
import type { Model } from '#models/model.js';
import { stackingOf } from '../members/stacking.js';
import type { LabelSpace, Parameters } from '../method.js';
import { methodOf } from '../table.js';

/** What a method puts among the embeddings of the text that is read, [P, D] in the order of its places: a
 *  soft prompt, what a prompt encoder makes, a prefix of depth "embedding-only". null where it puts nothing
 *  there. The caller owns the tensor. */
export function virtualEmbeddings(
  config: Method,
  { model, parameters: own, labels }: { model: Model; parameters: Parameters; labels: LabelSpace },
): tf.Tensor2D | null {
  const method = methodOf(config);
  const found = (): tf.Tensor2D | null => {
    const stacking = stackingOf(method, [config], { model, labels });
    const [parameters, constants] = [
      stacking.stack([own]),
      { ...method.fixed?.(config, model), ...stacking.constants() },
    ];
    const { embeddings } = method.adapt({
      config,
      model,
      frozen: model.weights,
      parameters,
      constants,
      members: 1,
    });
    if (!embeddings) return null;
    const text = method.reading?.(config, model)?.read('a', 8) ?? model.tokenizer.encode('a');
    const ids = tf.tensor2d([text], undefined, 'int32');
    const nothing = {
      states: tf.zeros<tf.Rank.R3>([1, text.length, model.dModel]),
      mask: tf.ones<tf.Rank.R2>([1, text.length]),
    };
    const { states, mask } = embeddings(nothing, model.kind === 'decoder' ? 'decoder' : 'encoder', ids);
    const front = states.shape[1] - text.length;
    const counts = mask.dataSync(); // a prompt is padded in front to a length that several share
    const places = Array.from(counts.keys()).filter(
      (i) => counts[i] === 1 && (i < front || text[i - front]! < 0),
    );
    if (places.length === 0) return null;
    return tf.gather(tf.squeeze<tf.Tensor2D>(states, [0]), tf.tensor1d(places, 'int32'));
  };
  return tf.tidy(found as () => never);
}
