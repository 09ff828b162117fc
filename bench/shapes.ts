/** The training steps that are timed, with the speed each must reach against its peer. Batch, source and
 *  target are counted in examples and tokens; every step is forward, backward and AdamW in float32 without
 *  dropout. */
export interface LanguageModelShape {
  vocabulary: number;
  dModel: number;
  heads: number;
  layers: number;
  dFf: number;
  length: number;
  batch: number;
}

export interface TransformerShape {
  family: 't5' | 'bert';
  method: 'prompt-tuning' | 'full';
  vocabulary: number;
  dModel: number;
  dKv: number;
  heads: number;
  layers: number; // per stack
  dFf: number;
  batch: number;
  source: number;
  target: number; // t5 only
  classes: number; // bert only
  promptLength: number; // prompt tuning only
}

export type Shape =
  | { name: string; target: number; kind: 'language-model'; shape: LanguageModelShape }
  | { name: string; target: number; kind: 'transformer'; shape: TransformerShape };

const t5 = {
  family: 't5',
  vocabulary: 32128,
  dModel: 512,
  dKv: 64,
  heads: 6,
  layers: 8,
  dFf: 1024,
  source: 64,
  target: 4,
} as const;
const miniLm = {
  family: 'bert',
  vocabulary: 30522,
  dModel: 384,
  dKv: 32,
  heads: 12,
  layers: 6,
  dFf: 1536,
  source: 64,
  target: 0,
} as const;
const step = { batch: 8, classes: 2 };

export const shapes: readonly Shape[] = [
  {
    name: 'LM 4.24 M',
    target: 1.5,
    kind: 'language-model',
    shape: { vocabulary: 4096, dModel: 256, heads: 4, layers: 4, dFf: 1024, length: 128, batch: 8 },
  },
  {
    name: 'LM 0.37 M',
    target: 1.5,
    kind: 'language-model',
    shape: { vocabulary: 4096, dModel: 64, heads: 4, layers: 2, dFf: 256, length: 64, batch: 8 },
  },
  {
    name: 'T5 prompt 100',
    target: 1.7,
    kind: 'transformer',
    shape: { ...t5, ...step, method: 'prompt-tuning', promptLength: 100 },
  },
  {
    name: 'T5 full',
    target: 1.7,
    kind: 'transformer',
    shape: { ...t5, ...step, method: 'full', promptLength: 0 },
  },
  {
    name: 'MiniLM prompt 20',
    target: 1.7,
    kind: 'transformer',
    shape: { ...miniLm, ...step, method: 'prompt-tuning', promptLength: 20 },
  },
  {
    name: 'MiniLM full',
    target: 1.7,
    kind: 'transformer',
    shape: { ...miniLm, ...step, method: 'full', promptLength: 0 },
  },
];

/** Floating-point operations of one step: 2 a multiply-add; forward once, backward once for activations and
 *  once more for weights that are trained. Norms, softmax and the optimizer are left out, so the share of the
 *  peak is a lower bound. */
export function stepFlops(s: Shape): number {
  if (s.kind === 'language-model') {
    const c = s.shape;
    const tokens = c.batch * c.length;
    const weights = c.layers * (4 * c.dModel ** 2 + 2 * c.dModel * c.dFf) + c.vocabulary * c.dModel;
    return 6 * weights * tokens + 12 * c.layers * tokens * c.length * c.dModel;
  }
  const c = s.shape;
  const inner = c.heads * c.dKv;
  const passes = c.method === 'full' ? 3 : 2; // frozen weights need no weight gradient
  const encoderTokens = c.batch * (c.source + c.promptLength);
  const encoderLength = c.source + c.promptLength;
  const feedForward = (c.family === 't5' ? 3 : 2) * c.dModel * c.dFf;
  const attention = 4 * c.dModel * inner;
  const encoder =
    c.layers *
    (2 * encoderTokens * (attention + feedForward) * passes + 12 * encoderTokens * encoderLength * inner);
  if (c.family === 'bert') return encoder;
  const decoderTokens = c.batch * c.target;
  const crossKeys = 2 * encoderTokens * 2 * c.dModel * inner * passes;
  const decoder = 2 * decoderTokens * (attention + 2 * c.dModel * inner + feedForward) * passes;
  const scores = 12 * decoderTokens * (encoderLength + c.target) * inner;
  return (
    encoder + c.layers * (crossKeys + decoder + scores) + 2 * decoderTokens * c.dModel * c.vocabulary * passes
  );
}
