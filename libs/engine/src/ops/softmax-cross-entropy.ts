import * as tf from '@tensorflow/tfjs';
import { isNative, nativeBackend } from '../native/backend.js';
import { AttrType, DataType } from '../native/c-api.js';
import { differentiable } from './differentiable.js';

const ignored = -100;
const outOfReach = -1e8; // logits below are of classes that a row can not have

/** -log softmax(logits)[label] a row: logits [M, V], labels int32 [M] -> [M]. Rows labelled -100 give 0 and
 *  no gradient. With `smoothing` e the target is 1 - e of the label and e of all classes alike (Szegedy et
 *  al. 2016 §7), as torch.nn.CrossEntropyLoss and transformers' LabelSmoother have it. Classes whose logit
 *  says that they are out of reach (-1e8 and below) have no share. */
export function softmaxCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D, smoothing = 0): tf.Tensor1D {
  const counted = tf.cast(tf.notEqual(labels, ignored), 'float32');
  const safe = tf.mul(labels, tf.cast(counted, 'int32')) as tf.Tensor1D;
  const [rows, classes] = logits.shape;
  const starts = tf.tensor1d(
    Int32Array.from({ length: rows }, (_, row) => row * classes),
    'int32',
  );
  const places = tf.add(starts, safe); // of the labels among all logits
  const loss = differentiable(
    { logits },
    (save) => {
      const p = tf.softmax(logits);
      // The largest logit is log-sum-exp + log of its probability, which never underflows as a label's may.
      const logSumExp = tf.sub(tf.max(logits, 1), tf.log(tf.max(p, 1)));
      const right = taken(logits, places);
      if (smoothing === 0) {
        save([p, places]);
        return tf.sub(logSumExp, right);
      }
      const shares = sharesOf(logits);
      save([tf.sub(p, tf.mul(smoothing, shares)), places]);
      const all = tf.sum(tf.mul(shares, logits), 1);
      return tf.sub(logSumExp, tf.add(tf.mul(1 - smoothing, right), tf.mul(smoothing, all)));
    },
    (dy, [p, places]) => ({
      logits: () =>
        lessened(tf.mul(tf.expandDims(dy, 1), p!), places!, smoothing === 0 ? dy : tf.mul(1 - smoothing, dy)),
    }),
  );
  return tf.mul(loss, counted);
}

/** The same share [M, V] for all classes of a row that are within reach. */
function sharesOf(logits: tf.Tensor2D): tf.Tensor2D {
  const reached = tf.cast(tf.greater(logits, outOfReach), 'float32');
  return tf.div(reached, tf.sum(reached, 1, true));
}

/** Values of x at `places` int32 [M] of its flat order. */
function taken(x: tf.Tensor, places: tf.Tensor): tf.Tensor {
  const flat = tf.reshape(x, [-1]);
  if (!isNative()) return tf.gather(flat, places as tf.Tensor1D);
  const attrs = [
    typed('Tparams', DataType.float),
    typed('Tindices', DataType.int32),
    typed('Taxis', DataType.int32),
  ];
  return nativeBackend().executeSingleOutput('GatherV2', attrs, [flat, places, tf.scalar(0, 'int32')]);
}

/** x with `by` [M] taken from its values at `places`. */
function lessened(x: tf.Tensor, places: tf.Tensor, by: tf.Tensor): tf.Tensor {
  const flat = tf.reshape(x, [-1]);
  const indices = tf.expandDims(places, 1);
  if (!isNative()) return tf.reshape(tf.sub(flat, tf.scatterND(indices, by, flat.shape)), x.shape);
  const backend = nativeBackend();
  const attrs = [typed('T', DataType.float), typed('Tindices', DataType.int32)];
  // unknown to XLA, but it writes into x where nothing else holds it
  const [op, values] = backend.native.tracer?.xla
    ? ['TensorScatterSub', by]
    : ['ScatterNdNonAliasingAdd', tf.neg(by)];
  return tf.reshape(
    backend.executeSingleOutput(op as string, attrs, [flat, indices, values as tf.Tensor]),
    x.shape,
  );
}

const typed = (name: string, value: number) => ({ name, type: AttrType.type, value });
