/** What families of models are, as far as it decides which methods they carry. */
export interface FamilyFacts {
  kind: 'encoder' | 'decoder' | 'encoder-decoder';
  attentions: readonly ('encoder' | 'decoder' | 'cross')[]; // which have keys and values of their own
  biases: boolean; // of linear maps
  layerNorms: boolean; // else RMSNorms, which have no shift
  relativePositions: boolean;
}

const encoder = {
  kind: 'encoder',
  attentions: ['encoder'],
  biases: true,
  layerNorms: true,
  relativePositions: false,
} as const;
const decoder = { ...encoder, kind: 'decoder', attentions: ['decoder'] } as const;
const both = { ...encoder, kind: 'encoder-decoder', attentions: ['encoder', 'decoder', 'cross'] } as const;
const plain = { biases: false, layerNorms: false } as const;

export const families = {
  bert: encoder,
  roberta: encoder,
  mpnet: { ...encoder, relativePositions: true },
  t5: { ...both, ...plain, relativePositions: true },
  bart: both,
  gpt2: decoder,
  llama: { ...decoder, ...plain },
} as const satisfies Record<string, FamilyFacts>;
export type Family = keyof typeof families;

/** The family of each model_type of a config.json. */
export const familyOfType = {
  bert: 'bert',
  roberta: 'roberta',
  mpnet: 'mpnet',
  t5: 't5',
  mt5: 't5',
  bart: 'bart',
  gpt2: 'gpt2',
  llama: 'llama',
  mistral: 'llama',
  qwen2: 'llama',
} as const satisfies Record<string, Family>;
export type ModelType = keyof typeof familyOfType;

/** A family of models, and what a sentence calls one: "minilm-l6 is a bert". */
export interface Carrier extends FamilyFacts {
  is: string;
}

/** Why no model of a family carries a method: the knob, and what is wrong with it. */
export interface Uncarried {
  path: string;
  message: string;
}
