import { initT5, t5ConfigOf } from './init.js';

const size = {
  family: 't5',
  dModel: 64,
  dKv: 16,
  dFf: 96,
  layers: 2,
  decoderLayers: 1,
  heads: 3,
  tiedHead: false,
} as const;
const config = t5ConfigOf(size, 500);

function deviation(values: ArrayLike<number>): number {
  return Math.sqrt(Array.from(values).reduce((sum, v) => sum + v * v, 0) / values.length);
}

describe('initT5', () => {
  const tensors = initT5(config, 7);

  it.each([
    ['shared.weight', 1],
    ['lm_head.weight', 64 ** -0.5],
    ['encoder.block.1.layer.0.SelfAttention.q.weight', (64 * 16) ** -0.5],
    ['decoder.block.0.layer.1.EncDecAttention.k.weight', 64 ** -0.5],
    ['decoder.block.0.layer.1.EncDecAttention.o.weight', 48 ** -0.5],
    ['encoder.block.0.layer.1.DenseReluDense.wi_1.weight', 64 ** -0.5],
    ['encoder.block.0.layer.1.DenseReluDense.wo.weight', 96 ** -0.5],
  ])('%s has standard deviation %f', (name, expected) => {
    expect(deviation(tensors.get(name)!.values) / expected).toBeCloseTo(1, 1);
  });

  it('counts the parameters of the formula', () => {
    const total = [...tensors.values()].reduce((n, t) => n + t.values.length, 0);
    const [d, inner, ff] = [64, 48, 96];
    const encoder = 2 * (4 * d * inner + 3 * d * ff + 2 * d) + d + 32 * 3;
    const decoder = 1 * (8 * d * inner + 3 * d * ff + 3 * d) + d + 32 * 3;
    expect(total).toBe(2 * 500 * d + encoder + decoder);
  });

  it('is the same for a seed, and another for another', () => {
    expect(initT5(config, 7).get('shared.weight')).toEqual(tensors.get('shared.weight'));
    expect(initT5(config, 8).get('shared.weight')).not.toEqual(tensors.get('shared.weight'));
  });
});
