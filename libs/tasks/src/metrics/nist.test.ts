import { metricFixture, type Texts } from '../fixtures/texts.js';
import { nist } from './nist.js';

interface Expected {
  mteval: number | null;
  pymteval: number | null;
  of: number[]; // the examples that pymteval was asked of
}

const texts = metricFixture<Record<string, Texts>>('texts.json');
const cases = Object.entries(metricFixture<Record<string, Expected>>('nist.json'));

it.each(cases)("NIST is that of E2E's script: %s", (name, { mteval, pymteval, of }) => {
  const { said, references } = texts[name]!;
  if (mteval !== null) expect(nist(said, references).toFixed(4)).toBe(mteval.toFixed(4));
  const some = () => nist(of.map((i) => said[i]!), of.map((i) => references[i]!)); // prettier-ignore
  if (pymteval !== null) expect(some()).toBeCloseTo(pymteval, 10);
});

it('both scripts speak of some cases', () => {
  expect(cases.filter(([, { mteval }]) => mteval !== null).length).toBeGreaterThan(10);
  expect(cases.filter(([, { pymteval }]) => pymteval !== null).length).toBeGreaterThan(8);
});

it('references of no words score 0', () => {
  expect(nist(['a b', ''], [[''], ['']])).toBe(0);
  expect(() => nist(['a'], [[]])).toThrow(/example 0 has no reference/);
});
