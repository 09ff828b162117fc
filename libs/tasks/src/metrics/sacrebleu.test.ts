import { textCases } from '../fixtures/texts.js';
import { bleu } from './bleu.js';
import { chrf } from './chrf.js';
import { ter } from './ter.js';
import { tokens13a } from './tokens/tokens-13a.js';

interface Expected {
  bleu: number;
  bleuLowercase: number;
  chrf: number;
  chrfLowercase: number;
  chrfPlusPlus: number;
  ter: number;
  terNormalized: number;
  terCased: number;
  tokens: string[][];
}

describe.each(textCases<Expected>('sacrebleu.json'))(
  "sacreBLEU's metrics of texts: %s",
  (_, { said, references }, expected) => {
    it('tokens', () => {
      expect(said.map(tokens13a)).toEqual(expected.tokens);
    });

    it('BLEU', () => {
      expect(bleu(said, references)).toBeCloseTo(expected.bleu, 8);
      expect(bleu(said, references, { lowercase: true })).toBeCloseTo(expected.bleuLowercase, 8);
    });

    it('chrF', () => {
      expect(chrf(said, references)).toBeCloseTo(expected.chrf, 8);
      expect(chrf(said, references, { lowercase: true })).toBeCloseTo(expected.chrfLowercase, 8);
      expect(chrf(said, references, { wordOrder: 2 })).toBeCloseTo(expected.chrfPlusPlus, 8);
    });

    it('TER', () => {
      expect(ter(said, references)).toBeCloseTo(expected.ter, 8);
      expect(ter(said, references, { normalized: true })).toBeCloseTo(expected.terNormalized, 8);
      expect(ter(said, references, { cased: true })).toBeCloseTo(expected.terCased, 8);
    });
  },
);

it.each<[string, string[], string[][], RegExp]>([
  ['an example without a reference', ['a', 'b'], [['a'], []], /^example 1 has no reference/],
  [
    'numbers that differ',
    ['a'],
    [['a'], ['b']],
    /^1 texts cannot be compared with the references of 2 examples$/,
  ],
  ['no example', [], [], /no examples is undefined/],
])('%s is refused', (_, said, references, message) => {
  for (const metric of [bleu, chrf, ter]) expect(() => metric(said, references)).toThrow(message);
});
