import type { LinearMap } from '#models/modules.js';
import {
  type BenchMethod,
  bottleneck,
  encodesAndDecodes,
  type FamilyShape,
  lowRank,
  prefixLength,
  promptLength,
  startRank,
} from './method-shapes.js';

/** Floating-point operations of one training step, 2 a multiply-add: every matrix product of the forward pass
 *  once, and once more for each of its two sides that the backward pass needs a gradient of: weights where
 *  they are trained, activations above the lowest trained place. Causal attention counts whole, as both sides
 *  compute it. Norms, softmax, elementwise products and the optimizer are left out, so a share of the peak
 *  that is made of this is a lower bound. */
export function methodFlops(s: FamilyShape, method: BenchMethod): number {
  const c: Count = { shape: s, method, full: method === 'full', total: 0 };
  const virtual = method === 'prompt' ? promptLength(s) : method === 'p-tuning' ? prefixLength : 0;
  // its encoder: three maps, once for the whole batch
  if (method === 'p-tuning') product(c, 3 * prefixLength * s.dModel ** 2, 2);
  if (method === 'head') product(c, s.batch * s.dModel * s.classes, 1);
  // gradients reach the first layer's input
  const flowing = virtual > 0 || c.full || (method === 'bitfit' && s.family !== 'gpt2');
  const text = s.source + virtual;
  if (s.family === 'bert') stack(c, { tokens: text, flowing });
  else if (!encodesAndDecodes(s)) {
    // the answer's last token is not read
    stack(c, { tokens: text, flowing, behind: method === 'head' ? 0 : s.target - 1 });
    if (method !== 'head') logits(c);
  } else {
    const encoded = stack(c, { tokens: text, flowing });
    if (method === 'head') return c.total;
    const decoding = c.full || (method === 'bitfit' && s.family === 'bart');
    stack(c, { tokens: s.target, flowing: decoding, memory: { tokens: text, flowing: encoded } });
    logits(c);
  }
  return c.total;
}

interface Count {
  shape: FamilyShape;
  method: BenchMethod;
  full: boolean;
  total: number;
}

interface Activations {
  tokens: number; // of one row
  flowing: boolean; // whether a gradient of them is needed
}

interface Stack extends Activations {
  behind?: number; // more tokens, read after the others from their cache
  memory?: Activations; // what a decoder looks at
}

/** The layers of an encoder or decoder; whether gradients of what they give are needed. */
function stack(c: Count, { tokens: first, flowing, behind = 0, memory }: Stack): boolean {
  const prefixed = c.method === 'prefix' && (memory !== undefined || !encodesAndDecodes(c.shape));
  const tokens = first + behind;
  const pairs = first ** 2 + behind * tokens + (prefixed ? tokens * prefixLength : 0);
  let flow = flowing;
  for (let layer = 0; layer < c.shape.layers; layer++) {
    flow = attention(c, { tokens, flowing: flow }, { tokens, flowing: flow, pairs, prefixed });
    if (memory)
      flow = attention(
        c,
        { tokens, flowing: flow },
        { ...memory, pairs: tokens * memory.tokens, prefixed: false },
      );
    flow = feedForward(c, { tokens, flowing: flow });
  }
  return flow;
}

interface Memory extends Activations {
  pairs: number; // of a query and a key, in one row
  prefixed: boolean; // trained keys and values among them
}

function attention(c: Count, x: Activations, memory: Memory): boolean {
  const { dModel, dHead, heads, keyValueHeads, family, batch } = c.shape;
  const [inner, shared] = [heads * dHead, keyValueHeads * dHead];
  const norms = c.method === 'bitfit' && family === 'gpt2'; // a trained bias before the layer's maps
  const [from, of] = [
    { ...x, flowing: x.flowing || norms },
    { ...memory, flowing: memory.flowing || norms },
  ];
  const joint = family === 'gpt2'; // one map gives all three
  const q = map(c, joint ? null : 'query', from, { inputs: dModel, outputs: inner });
  const k = map(c, joint ? null : 'key', of, { inputs: dModel, outputs: shared }) || memory.prefixed;
  const v = map(c, joint ? null : 'value', of, { inputs: dModel, outputs: shared }) || memory.prefixed;
  const all = joint && lowRankProducts(c, 'query-key-value', from, { inputs: dModel, outputs: 3 * inner });
  const [queries, keys, values] = [q || all, k || all, v || all];
  const scores = batch * memory.pairs * inner;
  product(c, scores, Number(queries) + Number(keys));
  product(c, scores, Number(queries || keys) + Number(values));
  const flowing = map(
    c,
    'attention-output',
    { tokens: x.tokens, flowing: queries || keys || values },
    { inputs: inner, outputs: dModel },
  );
  return adapter(c, { tokens: x.tokens, flowing }) || x.flowing;
}

function feedForward(c: Count, x: Activations): boolean {
  const { dModel, dFf, family } = c.shape;
  const ups = family === 't5' || family === 'llama' ? 2 : 1; // gated
  let flowing = x.flowing;
  for (let i = 0; i < ups; i++)
    flowing = map(c, 'feed-forward-input', x, { inputs: dModel, outputs: dFf }) || flowing;
  const inside = { tokens: x.tokens, flowing: flowing || c.method === 'ia3' };
  const out = map(c, 'feed-forward-output', inside, { inputs: dFf, outputs: dModel });
  return adapter(c, { tokens: x.tokens, flowing: out }) || x.flowing;
}

interface Sizes {
  inputs: number;
  outputs: number;
}

/** y = x W and what the method adds there; whether a gradient of y is needed. `role` null: the method acts on
 *  a wider map. */
function map(c: Count, role: LinearMap['role'] | null, x: Activations, { inputs, outputs }: Sizes): boolean {
  product(c, c.shape.batch * x.tokens * inputs * outputs, Number(x.flowing) + Number(c.full));
  const changed = role !== null && lowRankProducts(c, role, x, { inputs, outputs });
  const scaled = c.method === 'ia3' && (role === 'key' || role === 'value' || role === null);
  return x.flowing || c.full || changed || scaled || c.method === 'bitfit';
}

const ranks: Partial<Record<BenchMethod, number>> = {
  lora: lowRank,
  dora: lowRank,
  qlora: lowRank,
  adalora: startRank,
};

/** B A x where the method has it on maps of that role: both are trained. */
function lowRankProducts(
  c: Count,
  role: LinearMap['role'],
  x: Activations,
  { inputs, outputs }: Sizes,
): boolean {
  const rank = ranks[c.method];
  if (rank === undefined || !['query', 'value', 'query-key-value'].includes(role)) return false;
  const rows = c.shape.batch * x.tokens;
  product(c, rows * inputs * rank, 1 + Number(x.flowing));
  product(c, rows * rank * outputs, 2);
  if (c.method === 'dora') product(c, inputs * outputs * rank, 0); // W A^T, for the length of W + B A
  return true;
}

/** A bottleneck behind a sublayer; whether a gradient of what it gives is needed. */
function adapter(c: Count, y: Activations): boolean {
  if (c.method !== 'adapter') return y.flowing;
  const size = c.shape.batch * y.tokens * c.shape.dModel * bottleneck;
  product(c, size, 1 + Number(y.flowing));
  product(c, size, 2);
  return true;
}

/** The language-model head, at the answer's positions. */
function logits(c: Count): void {
  const { batch, target, dModel, vocabulary } = c.shape;
  product(c, batch * target * dModel * vocabulary, 1 + Number(c.full));
}

function product(c: Count, multiplyAdds: number, gradients: number): void {
  c.total += 2 * multiplyAdds * (1 + gradients);
}
