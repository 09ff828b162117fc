import { metricFixture } from '../fixtures/texts.js';
import { e2eSlots, slotErrorRate, slotErrors } from './slot-error.js';

interface Case {
  meaning: string;
  text: string;
  added: number;
  missing: number;
  wrong: number;
  repeated: number;
}

const cases = metricFixture<Case[]>('slot-error.json');

describe('slot errors', () => {
  it("are those that E2E's authors count", () => {
    const own = cases.map(({ meaning, text }) => ({ meaning, text, ...slotErrors(text, e2eSlots(meaning)) }));
    expect(own).toEqual(cases);
    for (const kind of ['added', 'missing', 'wrong', 'repeated'] as const)
      expect(cases.filter((c) => c[kind] > 0).length).toBeGreaterThan(0);
  });

  it('make a rate of all slots', () => {
    const errors = cases.reduce(
      (sum, { added, missing, wrong, repeated }) => sum + added + missing + wrong + repeated,
      0,
    );
    const slots = cases.reduce((sum, { meaning }) => sum + meaning.split('], ').length, 0);
    const rate = slotErrorRate(
      cases.map(({ text }) => text),
      cases.map(({ meaning }) => meaning),
    );
    expect(rate).toBeCloseTo(errors / slots, 12);
  });

  it.each([
    ['name[Zizzi], colour[red]', /no slot colour; there are area, eatType/],
    ['name[Burgers & Co]', /no name "Burgers & Co"/],
    ['a nice place', /has no slot: an E2E meaning is written/],
  ])('of %s are refused', (meaning, message) => {
    expect(() => slotErrorRate(['a text'], [meaning])).toThrow(message);
  });

  it('of no or too few texts are refused', () => {
    expect(() => slotErrorRate([], [])).toThrow(/no examples is undefined/);
    expect(() => slotErrorRate([], ['name[Zizzi]'])).toThrow(
      /0 texts cannot be compared with the meanings of 1 examples/,
    );
  });
});
