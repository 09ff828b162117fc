import { Method } from './method.js';
import { virtualTokens } from './virtual-tokens.js';
import { uncarried } from './uncarried.js';

describe('uncarried', () => {
  it.each([
    [{ name: 'bitfit' }, 't5', 'method.name', /has none/],
    [{ name: 'bitfit' }, 'llama', 'method.name', /has none/],
    [
      { name: 'prompt-tuning', place: 'encoder-and-decoder' },
      'bert',
      'method.place',
      /needs an encoder-decoder/,
    ],
    [{ name: 'prefix-tuning', places: ['decoder'] }, 'bert', 'method.places', /"decoder".*expected encoder/],
    [{ name: 'prefix-tuning', position: 'infix' }, 'bert', 'method.position', /writes nothing/],
    [{ name: 'prefix-tuning', position: 'infix', places: ['encoder'] }, 't5', 'method.places', /would see/],
    [
      { name: 'prefix-tuning', depth: 'embedding-only', places: ['cross'] },
      't5',
      'method.places',
      /no embeddings/,
    ],
    [
      { name: 'prefix-tuning', relativePositions: true },
      'bert',
      'method.relativePositions',
      /only T5 and MPNet have/,
    ],
    [
      { name: 'prefix-tuning', relativePositions: true, depth: 'embedding-only' },
      't5',
      'method.relativePositions',
      /always have positions/,
    ],
    [{ name: 'prefix-tuning', words: 'a' }, 't5', 'method.words', /expected "real-words"/],
    [{ name: 'p-tuning', template: '{prompt} {text} {mask}' }, 't5', 'method.template', /leave \{mask\} out/],
    [{ name: 'adapter', trainNorms: true }, 'llama', 'method.trainNorms', /no LayerNorm/],
    [{ name: 'unipelt' }, 't5', 'method.gates', /expected false/],
    [{ name: 'adalora', rank: 2 }, 'bert', 'method.targetRank', /8 is more than method.rank 2/],
  ] as const)('says why %j is not for %s', (method, family, path, message) => {
    const refused = uncarried(Method.parse(method), family, 'it');
    expect(refused).toEqual({ path, message: expect.stringMatching(message) as string });
  });

  it.each(['bert', 'mpnet'] as const)('carries every method with its defaults on %s', (family) => {
    for (const { shape } of Method.options)
      expect(uncarried(Method.parse({ name: shape.name.value }), family, 'it')).toBeNull();
  });

  it('carries relative positions on MPNet, which has some', () => {
    expect(
      uncarried(Method.parse({ name: 'prefix-tuning', relativePositions: true }), 'mpnet', 'it'),
    ).toBeNull();
  });

  it.each(['llama', 't5'] as const)(
    'carries all but bitfit and gates with their defaults on %s',
    (family) => {
      const methods = Method.options.map(({ shape }) => Method.parse({ name: shape.name.value }));
      const refused = methods.filter((method) => uncarried(method, family, 'it') !== null);
      expect(refused.map((m) => m.name)).toEqual(['bitfit', 'unipelt']);
      expect(uncarried(Method.parse({ name: 'unipelt', gates: false }), family, 'it')).toBeNull();
    },
  );

  it('refuses rank 0 as the schema does', () => {
    expect(Method.safeParse({ name: 'lora', rank: 0 }).success).toBe(false);
  });

  it('counts the virtual tokens of every method that has some', () => {
    expect(virtualTokens(Method.parse({ name: 'mam' }))).toBe(30);
    expect(virtualTokens(Method.parse({ name: 'unipelt', parts: ['lora'] }))).toBe(0);
    expect(virtualTokens(Method.parse({ name: 'lora' }))).toBe(0);
    expect(
      virtualTokens(Method.parse({ name: 'p-tuning', length: 4, template: '{prompt} a {text}{prompt:2}' })),
    ).toBe(6);
  });
});
