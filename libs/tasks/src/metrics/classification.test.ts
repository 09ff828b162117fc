import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accuracy, f1, groupExactMatch, macroF1, matthews, microF1 } from './classification.js';

interface Case {
  labels: number[];
  said: number[];
  accuracy: number;
  macroF1: number;
  microF1: number;
  matthews: number;
  f1: number[]; // of class 0 and 1
  groups: string[];
  groupExactMatch: number; // MultiRC's EM
}

const cases = JSON.parse(readFileSync(join(__dirname, 'fixtures/sklearn.json'), 'utf8')) as Case[];

describe('metrics of classes', () => {
  it("are scikit-learn's, whatever classes are missing among the labels or the predictions", () => {
    expect(cases.length).toBeGreaterThan(100);
    for (const { labels, said, groups, ...expected } of cases) {
      expect(accuracy(labels, said)).toBeCloseTo(expected.accuracy, 12);
      expect(macroF1(labels, said)).toBeCloseTo(expected.macroF1, 12);
      expect(microF1(labels, said)).toBeCloseTo(expected.microF1, 12);
      expect(groupExactMatch(labels, said, groups)).toBeCloseTo(expected.groupExactMatch, 12);
      expect(matthews(labels, said)).toBeCloseTo(expected.matthews, 12);
      for (const [c, value] of expected.f1.entries()) expect(f1(labels, said, c)).toBeCloseTo(value, 12);
    }
  });

  it('count a class that is predicted and absent', () => {
    const half = [1, 1, 0, 0];
    expect(macroF1([1, 1, 1, 1], half)).toBeCloseTo(1 / 3, 12);
    expect(macroF1([1, 1, 1, 1], [1, 1, -1, -1])).toBeCloseTo(2 / 3, 12);
  });

  it('count a group as right where all of it is', () => {
    expect(groupExactMatch([1, 0, 1, 0], [1, 0, 1, 1], ['a', 'a', 'b', 'b'])).toBe(0.5);
    expect(groupExactMatch([1, 0, 1], [1, -1, 1], ['a', 'b', 'a'])).toBe(0.5);
  });
});
