import { Method } from '#contracts/method.js';

/** What `bench methods` times: every family at the shape of the reference measurements, with every method
 *  that Hugging Face peft, or plain transformers, has for it. Batch, source and target are counted in
 *  examples and tokens. */

export const families = ['t5', 'gpt2', 'bert', 'llama', 'bart'] as const;
export type BenchFamily = (typeof families)[number];

export interface FamilyShape {
  family: BenchFamily; // of the architecture
  vocabulary: number;
  dModel: number;
  dHead: number;
  heads: number;
  keyValueHeads: number;
  layers: number; // per stack
  dFf: number;
  positions: number; // learned or rotated ones; 0: no limit
  batch: number;
  source: number;
  target: number; // tokens of the answer, an encoder-decoder's end included; 0: answered by a pooled state
  classes: number;
}

const step = { batch: 8, classes: 2 };

export const familyShapes: Readonly<Record<BenchFamily, FamilyShape>> = {
  t5: {
    family: 't5',
    vocabulary: 32_128,
    dModel: 512,
    dHead: 64,
    heads: 6,
    keyValueHeads: 6,
    layers: 8,
    dFf: 1024,
    ...step,
    positions: 0,
    source: 64,
    target: 4,
  },
  gpt2: {
    family: 'gpt2',
    vocabulary: 8192,
    dModel: 256,
    dHead: 64,
    heads: 4,
    keyValueHeads: 4,
    layers: 4,
    dFf: 1024,
    ...step,
    positions: 256,
    source: 128,
    target: 4,
  },
  bert: {
    family: 'bert',
    vocabulary: 30_522,
    dModel: 384,
    dHead: 32,
    heads: 12,
    keyValueHeads: 12,
    layers: 6,
    dFf: 1536,
    ...step,
    positions: 512,
    source: 64,
    target: 0,
  },
  llama: {
    family: 'llama',
    vocabulary: 49_152,
    dModel: 576,
    dHead: 64,
    heads: 9,
    keyValueHeads: 3,
    layers: 6,
    dFf: 1536,
    ...step,
    positions: 256,
    source: 64,
    target: 4,
  },
  bart: {
    family: 'bart',
    vocabulary: 8192,
    dModel: 256,
    dHead: 64,
    heads: 4,
    keyValueHeads: 4,
    layers: 4,
    dFf: 1024,
    ...step,
    positions: 128,
    source: 64,
    target: 16,
  },
};

/** The project's own t5-nano, as it ships. */
const nanoShape: FamilyShape = {
  ...familyShapes.t5,
  vocabulary: 8128,
  dModel: 192,
  dHead: 32,
  layers: 4,
  dFf: 512,
};

/** One line of the table. */
export interface MethodRow {
  family: BenchFamily | 't5-nano';
  method: BenchMethod;
  shape: FamilyShape;
  config: Method;
  peer: boolean; // whether transformers or peft has it
  remark: string; // what must be known to read the figures; empty: nothing
}

export const benchMethods = [
  'prompt',
  'prefix',
  'p-tuning',
  'lora',
  'dora',
  'adalora',
  'qlora',
  'ia3',
  'bitfit',
  'head',
  'full',
  'adapter',
] as const;
export type BenchMethod = (typeof benchMethods)[number];

export function methodRows(): MethodRow[] {
  return families.flatMap((family) =>
    benchMethods.filter((m) => carries(family, m)).map((m) => methodRow(family, m)),
  );
}

/** What is timed as gangs: a small model, whose steps are mostly overhead, and a large one, with a prompt and
 *  with LoRA. */
export function gangRows(): MethodRow[] {
  const small = { family: 't5-nano', shape: nanoShape } as const;
  return (['prompt', 'lora'] as const).flatMap((method) => {
    const row = methodRow('t5', method);
    return [row, { ...row, ...small, config: Method.parse(configs[method](nanoShape)) }];
  });
}

function methodRow(family: BenchFamily, method: BenchMethod): MethodRow {
  const shape = familyShapes[family];
  const config = Method.parse(configs[method](shape));
  return {
    family,
    method,
    shape,
    config,
    peer: !withoutPeer.includes(method),
    remark: remarks[method]?.(shape) ?? '',
  };
}

const withoutPeer: readonly BenchMethod[] = ['adapter', 'qlora'];

/** T5 and LLaMA have no biases; 4 bits are for a family whose models are large. */
const only: Partial<Record<BenchMethod, readonly BenchFamily[]>> = {
  bitfit: ['gpt2', 'bert', 'bart'],
  qlora: ['llama'],
};

const carries = (family: BenchFamily, method: BenchMethod): boolean => only[method]?.includes(family) ?? true;

export const encodesAndDecodes = ({ family }: FamilyShape): boolean => family === 't5' || family === 'bart';

/** Queries and values, as in Hu et al. 2022 and in peft's own choice. */
const lowRankTargets = {
  t5: ['q', 'v'],
  gpt2: ['attn.c_attn'],
  bert: ['query', 'value'],
  llama: ['q_proj', 'v_proj'],
  bart: ['q_proj', 'v_proj'],
};

export const promptLength = ({ family }: FamilyShape): number => (family === 't5' ? 100 : 20);
export const prefixLength = 20;
export const lowRank = 8;
export const startRank = 12; // AdaLoRA's, which shrinks to lowRank
export const bottleneck = 64;

const configs: Record<BenchMethod, (shape: FamilyShape) => object> = {
  prompt: (s) => ({ name: 'prompt-tuning', length: promptLength(s), init: 'vocabulary' }),
  prefix: (s) => ({
    name: 'prefix-tuning',
    length: prefixLength,
    hidden: null,
    places: encodesAndDecodes(s) ? ['decoder'] : null, // where peft puts it
  }),
  'p-tuning': () => ({ name: 'p-tuning', length: prefixLength, encoder: 'mlp', form: 'peft' }),
  lora: ({ family }) => ({ name: 'lora', targets: lowRankTargets[family], rank: lowRank, alpha: 16 }),
  dora: ({ family }) => ({ name: 'dora', targets: lowRankTargets[family], rank: lowRank, alpha: 16 }),
  adalora: ({ family }) => ({
    name: 'adalora',
    targets: lowRankTargets[family],
    rank: startRank,
    targetRank: lowRank,
    alpha: 16,
  }),
  qlora: ({ family }) => ({
    name: 'qlora',
    targets: lowRankTargets[family],
    rank: lowRank,
    alpha: 16,
    dropout: 0,
  }),
  ia3: () => ({ name: 'ia3' }),
  bitfit: () => ({ name: 'bitfit' }),
  head: () => ({ name: 'head' }),
  full: () => ({ name: 'full' }),
  adapter: () => ({ name: 'adapter', kind: 'houlsby', bottleneck }),
};

const remarks: Partial<Record<BenchMethod, (shape: FamilyShape) => string>> = {
  prefix: (s) => (encodesAndDecodes(s) ? "the decoder's own attention only, as in peft" : ''),
  qlora: () => "no peer: peft's needs bitsandbytes; to be held against lora",
  adapter: () => 'no peer: peft has no bottleneck adapters',
};

/** "d512 L8+8 ff1024 h6 V32128 src64 tgt4". */
export function shapeText(s: FamilyShape): string {
  const layers = encodesAndDecodes(s) ? `${s.layers}+${s.layers}` : `${s.layers}`;
  const heads = s.keyValueHeads === s.heads ? `${s.heads}` : `${s.heads}/${s.keyValueHeads}`;
  const target = s.target === 0 ? '' : ` tgt${s.target}`;
  return `d${s.dModel} L${layers} ff${s.dFf} h${heads} V${s.vocabulary} src${s.source}${target}`;
}

/** One label word a class, of as many letters as its answer has tokens (an encoder-decoder's before the end,
 *  which it learns to write; a decoder does not); a letter is a token of the bench's tokenizer. */
export function labelWords(shape: FamilyShape): string[] {
  const { classes, target } = shape;
  const letters = Math.max(1, encodesAndDecodes(shape) ? target - 1 : target);
  const letter = (i: number) => 'abcdefgh'[i % 8]!;
  return Array.from({ length: classes }, (_, k) =>
    Array.from({ length: letters }, (_, i) => letter(3 * k + i)).join(' '),
  );
}
