import type { Weights } from './batch.js';
import type { Family, Model } from './model.js';
import { saveModel } from './save-model.js';

/** A backbone with a head for classification. */
export interface Classifier {
  weights: Weights; // the model's own, or trained ones in their place
  base: string; // what heads their names next to a head: "bert."
  head: Weights; // by transformers' names and layouts
  of: 'text' | 'tokens';
  labels: readonly string[]; // one an output
}

const stems: Record<Family, string> = {
  bert: 'Bert',
  roberta: 'Roberta',
  mpnet: 'MPNet',
  t5: 'T5',
  bart: 'Bart',
  gpt2: 'GPT2',
  llama: 'Llama',
};

/** Writes what transformers loads as AutoModelForSequenceClassification, or AutoModelForTokenClassification,
 *  and loadModel as the backbone alone. A tagger's folder lacks heads of other tasks and the pooler, as
 *  there. Throws where a model that is no BERT, RoBERTa or MPNet shall classify tokens. */
export function saveClassifier(
  folder: string,
  model: Model,
  { weights, base, head, of, labels }: Classifier,
): void {
  const { family } = model;
  if (of === 'tokens' && !['bert', 'roberta', 'mpnet'].includes(family))
    throw new Error(`a ${family} has no token classification here; expected BERT, RoBERTa or MPNet`);
  const own = Object.entries(weights).filter(
    ([name]) => of === 'text' || /^(embeddings|encoder)\./.test(name),
  );
  // of language models, which stand next to the base model
  const heads = /^(cls|lm_head|final_logits_bias)\b/;
  saveModel(folder, {
    config: configWith(model.config, {
      architectures: [`${stemOf(model)}For${of === 'text' ? 'Sequence' : 'Token'}Classification`],
      id2label: Object.fromEntries(labels.map((label, i) => [i, label])),
      label2id: Object.fromEntries(labels.map((label, i) => [label, i])),
    }),
    weights: {
      ...Object.fromEntries(own.map(([name, t]) => [heads.test(name) ? name : base + name, t])),
      ...head,
    },
    tokenizerFolder: model.folder,
    dtype: 'F32',
  });
}

/** Families share code with others: "Qwen2" of Qwen2ForCausalLM, which loads as a LLaMA. */
function stemOf({ config, family }: Model): string {
  const { architectures } = JSON.parse(config) as { architectures?: unknown };
  const [named] = Array.isArray(architectures) ? architectures.map(String) : [];
  return named?.replace(/(For[A-Z]\w*|LMHeadModel|EncoderModel|Model)$/, '') || stems[family];
}

/** config.json's text with entries in place of those of the same name; what else there is stays as it is
 *  written (1.0 is not 1). */
function configWith(text: string, entries: Record<string, unknown>): string {
  const names = Object.keys(entries).join('|');
  const without = text.replaceAll(
    new RegExp(`"(${names})"\\s*:\\s*(\\[[^\\]]*\\]|\\{[^}]*\\}|null)\\s*,?`, 'g'),
    '',
  );
  const open = without.replace(/[\s,]*\}\s*$/, '');
  const written = Object.entries(entries).map(
    ([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  );
  return `${open}${open.trim() === '{' ? '' : ','}\n${written.join(',\n')}\n}\n`;
}
