import { metricFixture } from '../fixtures/texts.js';
import { type AnswerScores, plainAnswer, squadScores } from './squad.js';

interface Case {
  said: string[];
  answers: string[][];
  '1.1': AnswerScores | null;
  '2.0': AnswerScores;
}

const { cases, plain } = metricFixture<{ cases: Case[]; plain: Record<string, string> }>('answers.json');

describe('answers in words', () => {
  it("are normalised as SQuAD's script does", () => {
    for (const [text, expected] of Object.entries(plain)) expect(plainAnswer(text)).toBe(expected);
  });

  it.each(['1.1', '2.0'] as const)('have the scores of the script of SQuAD %s', (version) => {
    const scored = cases.filter((c) => c[version] !== null);
    expect(scored.length).toBeGreaterThan(50);
    for (const { said, answers, ...expected } of scored) {
      const own = squadScores(said, answers, version);
      expect(own.exactMatch).toBeCloseTo(expected[version]!.exactMatch, 12);
      expect(own.f1).toBeCloseTo(expected[version]!.f1, 12);
    }
  });

  it('to a question without an answer are right where nothing is said', () => {
    expect(squadScores(['', 'x', 'the'], [[], [], ['a']], '2.0')).toEqual({ exactMatch: 2 / 3, f1: 2 / 3 });
    expect(() => squadScores(['', 'x'], [['x'], []], '1.1')).toThrow(
      /question 1 has no answer: only SQuAD 2.0/,
    );
  });

  it('of too few questions are refused', () => {
    expect(() => squadScores([], [], '2.0')).toThrow(/no questions is undefined/);
    expect(() => squadScores(['a'], [], '2.0')).toThrow(
      /1 answers cannot be compared with those of 0 questions/,
    );
  });
});
