import { HostRandom } from '#engine/host-random.js';
import { corruptedLengths, corruptSpans, textLength } from './span-corruption.js';

const sentinels = Array.from({ length: 100 }, (_, i) => 1000 + i);
const options = { noiseDensity: 0.15, meanSpan: 3, sentinels, endId: 1 };
const isSentinel = (id: number) => id >= 1000;

describe('corruptSpans', () => {
  it('loses nothing: putting the targets back at their sentinels gives the text', () => {
    const text = Array.from({ length: 141 }, (_, i) => 10 + i);
    const { inputs, targets } = corruptSpans(text, options, new HostRandom(7, 'test'));
    const spans = new Map<number, number[]>();
    let current: number[] = [];
    for (const id of targets.slice(0, -1)) {
      if (isSentinel(id)) spans.set(id, (current = []));
      else current.push(id);
    }
    const restored = inputs.slice(0, -1).flatMap((id) => (isSentinel(id) ? spans.get(id)! : [id]));
    expect(restored).toEqual(text);
    expect(inputs.at(-1)).toBe(1);
    expect(targets.at(-1)).toBe(1);
  });

  it('drops 15 % in spans of 3 on the mean, never at the start', () => {
    const { inputs, targets } = corruptSpans(
      Array.from({ length: 141 }, () => 5),
      options,
      new HostRandom(1, 'test'),
    );
    expect(inputs.length).toBe(128); // T5: 141 tokens give 128 inputs and 29 targets
    expect(targets.length).toBe(29);
    expect(targets.filter((id) => id === 5).length).toBe(21);
    expect(targets.filter(isSentinel)).toEqual(sentinels.slice(0, 7));
    expect(isSentinel(inputs[0]!)).toBe(false);
  });

  it('fits the lengths it promises', () => {
    for (const length of [16, 32, 64, 100, 128, 512]) {
      const tokens = textLength(length, options);
      expect(corruptedLengths(tokens, options).inputs).toBeLessThanOrEqual(length);
      expect(corruptedLengths(tokens + 1, options).inputs).toBeGreaterThan(length);
      const corrupted = corruptSpans(new Int32Array(tokens).fill(5), options, new HostRandom(3, 'test'));
      expect(corrupted.inputs.length).toBe(corruptedLengths(tokens, options).inputs);
      expect(corrupted.targets.length).toBe(corruptedLengths(tokens, options).targets);
    }
  });

  it('is drawn from the seed', () => {
    const text = Array.from({ length: 60 }, (_, i) => 10 + i);
    const draw = (seed: number) => corruptSpans(text, options, new HostRandom(seed, 'test')).inputs;
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('says how many sentinels it lacks', () => {
    const few = { ...options, sentinels: sentinels.slice(0, 2) };
    expect(() => corruptSpans(new Array<number>(141).fill(5), few, new HostRandom(1, 'test'))).toThrow(
      '141 tokens need 7 sentinels',
    );
  });
});
