/** What a head is on each family, as transformers' classes for classification have it: data, from which
 *  shapes, values and files follow. Sources: the *ForSequenceClassification and *ForTokenClassification
 *  classes of transformers 5.23. */
import type { Family, Model } from '#models/model.js';

/** What is asked of a head: so many outputs of every text, or of each of its tokens. */
export interface Head {
  outputs: number | 'labels'; // 'labels': one a label word
  of: 'text' | 'tokens';
}

export interface HeadForm {
  /** The states that it reads: of the first position (virtual tokens count), of a decoder's last token, of an
   *  encoder-decoder's end of text as the decoder has it, pooled ones, or every token's. */
  reads: 'first' | 'last' | 'end' | 'pooled' | 'tokens';
  // Hugging Face's name of a layer D -> D with tanh in front of the last; null: there is none
  dense: string | null;
  out: string; // of the last layer
  bias: boolean; // of the last layer
  beginsPooled: boolean; // the dense layer begins as the checkpoint's pooler, where there is one
  dropsStates: boolean; // dropout of what it reads too, and not only of what the last layer reads
  dropout: number;
  std: number; // of the normal distribution that weights are drawn from; biases begin as zero
  base: string; // what heads the names of the backbone's tensors beside it
  saved: readonly string[]; // peft's modules_to_save
}

/** A linear map from zero on pooled states: the method "head", and P-tuning v2's own. */
export const ownForm: HeadForm = {
  reads: 'pooled',
  dense: null,
  out: 'classifier',
  bias: true,
  beginsPooled: false,
  dropsStates: false,
  dropout: 0,
  std: 0,
  base: '',
  saved: ['classifier', 'score'],
};

/** The same on the state of every token, as BertForTokenClassification and RobertaForTokenClassification have
 *  it. */
export const tokenForm = ({ family }: Model): HeadForm => ({
  ...ownForm,
  reads: 'tokens',
  base: `${family}.`,
});

/** The head of the family's *ForSequenceClassification. peft leaves BERT's pooler as it was; here it is
 *  trained. */
export function textForm(model: Model): HeadForm {
  const config = JSON.parse(model.config) as Fields;
  return { ...ownForm, ...forms[model.family](config, model) };
}

export const outputsOf = ({ outputs }: Head, labels: readonly string[]): number =>
  outputs === 'labels' ? labels.length : outputs;

export const formOf = (model: Model, { of }: Head): HeadForm =>
  of === 'text' ? textForm(model) : tokenForm(model);

type Fields = Readonly<Record<string, unknown>>;

const numberOf = (config: Fields, name: string, otherwise: number): number => {
  const value = config[name];
  return typeof value === 'number' ? value : otherwise;
};

/** dropout, dense, tanh, dropout, out. */
const twoLayers = { dropsStates: true, std: 0.02 };

const classificationHead = {
  ...twoLayers,
  reads: 'end',
  dense: 'classification_head.dense',
  out: 'classification_head.out_proj',
  saved: ['classification_head', 'classifier', 'score'],
} as const;

const lastScore = (config: Fields) =>
  ({ reads: 'last', out: 'score', bias: false, std: numberOf(config, 'initializer_range', 0.02) }) as const;

const encoderDropout = (config: Fields) =>
  numberOf(config, 'classifier_dropout', numberOf(config, 'hidden_dropout_prob', 0.1));

const forms: Record<Family, (config: Fields, model: Model) => Partial<HeadForm>> = {
  bert: (config) => ({
    reads: 'first',
    dense: 'bert.pooler.dense',
    beginsPooled: true,
    dropout: encoderDropout(config),
    std: numberOf(config, 'initializer_range', 0.02),
    base: 'bert.',
    saved: ['pooler', 'classifier', 'score'],
  }),
  roberta: (config) => ({
    ...twoLayers,
    reads: 'first',
    dense: 'classifier.dense',
    out: 'classifier.out_proj',
    dropout: encoderDropout(config),
    std: numberOf(config, 'initializer_range', 0.02),
    base: 'roberta.',
  }),
  mpnet: (config) => ({
    ...twoLayers,
    reads: 'first',
    dense: 'classifier.dense',
    out: 'classifier.out_proj',
    dropout: numberOf(config, 'hidden_dropout_prob', 0.1),
    std: numberOf(config, 'initializer_range', 0.02),
    base: 'mpnet.',
  }),
  t5: (config, { kind, dModel }) => ({
    ...(kind === 'encoder' ? {} : classificationHead), // of an encoder alone transformers has no such class
    dropout: numberOf(config, 'classifier_dropout', 0),
    std: numberOf(config, 'initializer_factor', 1) * dModel ** -0.5,
    base: 'transformer.',
  }),
  bart: (config) => ({
    ...classificationHead,
    dropout: numberOf(config, 'classifier_dropout', 0),
    std: numberOf(config, 'init_std', 0.02),
  }),
  gpt2: lastScore,
  llama: lastScore,
};
