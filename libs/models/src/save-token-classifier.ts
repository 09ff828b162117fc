import * as tf from '@tensorflow/tfjs';
import type { Weights } from './batch.js';
import type { Model } from './model.js';
import { saveModel } from './save-model.js';

/** An encoder with a linear head on the final state of every token. */
export interface TokenClassifier {
  weights: Weights; // the model's own, or trained ones in their place
  head: { weight: tf.Tensor; bias: tf.Tensor }; // [D, C], [C]
  tags: readonly string[]; // one a class
}

const classes = { bert: 'BertForTokenClassification', roberta: 'RobertaForTokenClassification' };

/** Writes what transformers loads as AutoModelForTokenClassification, and loadModel as the encoder alone. Heads of other tasks and the pooler are left
 *  out, as there. Throws where the model is neither BERT nor RoBERTa. */
export function saveTokenClassifier(folder: string, model: Model, { weights, head, tags }: TokenClassifier): void {
  const { family } = model;
  if (family !== 'bert' && family !== 'roberta')
    throw new Error(`a ${family} has no token classification here; expected BERT or RoBERTa`);
  const own = Object.entries(weights).filter(([name]) => /^(embeddings|encoder)\./.test(name));
  const transposed = tf.transpose(head.weight);
  try {
    saveModel(folder, {
      config: configWith(model.config, {
        architectures: [classes[family]],
        id2label: Object.fromEntries(tags.map((tag, i) => [i, tag])),
        label2id: Object.fromEntries(tags.map((tag, i) => [tag, i])),
      }),
      weights: {
        ...Object.fromEntries(own.map(([name, t]) => [`${family}.${name}`, t])),
        'classifier.weight': transposed,
        'classifier.bias': head.bias,
      },
      tokenizerFolder: model.folder,
      dtype: 'F32',
    });
  } finally {
    transposed.dispose();
  }
}

/** config.json's text with entries in place of those of the same name; what else there is stays as it is written (1.0 is not 1). */
function configWith(text: string, entries: Record<string, unknown>): string {
  const names = Object.keys(entries).join('|');
  const without = text.replaceAll(new RegExp(`"(${names})"\\s*:\\s*(\\[[^\\]]*\\]|\\{[^}]*\\}|null)\\s*,?`, 'g'), '');
  const open = without.replace(/[\s,]*\}\s*$/, '');
  const written = Object.entries(entries).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  return `${open}${open.trim() === '{' ? '' : ','}\n${written.join(',\n')}\n}\n`;
}
