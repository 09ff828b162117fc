import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Span, spanScores, spansOf } from './spans.js';

interface Case {
  expected: string[][];
  said: string[][];
  scores: ReturnType<typeof spanScores>;
  spans: [string, number, number][][];
}

const cases = JSON.parse(readFileSync(join(__dirname, 'fixtures/seqeval.json'), 'utf8')) as Case[];
const triple = ({ type, from, to }: Span) => [type, from, to];

describe('spans', () => {
  it("are seqeval's, of valid and invalid tags", () => {
    expect(cases.length).toBeGreaterThan(50);
    for (const { said, spans } of cases) expect(said.map((tags) => spansOf(tags).map(triple))).toEqual(spans);
  });

  it("have seqeval's micro-averaged scores", () => {
    for (const { expected, said, scores } of cases) {
      const own = spanScores(expected, said);
      for (const name of ['f1', 'precision', 'recall'] as const)
        expect(own[name]).toBeCloseTo(scores[name], 12);
    }
  });

  it('that no tag can say are missed by every answer', () => {
    expect(spanScores([['B-x', 'O']], [['B-x', 'O']], 1)).toEqual({ f1: 2 / 3, precision: 1, recall: 0.5 });
  });
});
