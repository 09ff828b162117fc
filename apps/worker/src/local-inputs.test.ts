import type { TrialInput } from '#contracts/input.js';
import type { Verdict } from '#contracts/trainer-messages.js';
import type { ClaimedTrial } from '#db/claim-attempts.js';
import { summary } from '#db/fixtures/summary.js';
import { heldTo } from './local-inputs.js';

const [asked, other] = ['a', 'b'].map((c) => c.repeat(64)) as [string, string];
const trial = { attemptId: 'x', inputs: [{ hash: asked } as TrialInput] } as ClaimedTrial;
const verdictOf = (inputs?: string[]): Verdict => ({
  verdict: 'succeeded',
  attemptId: 'x',
  summary: { ...summary, provenance: { ...summary.provenance, ...(inputs && { inputs }) } },
});

describe('a verdict', () => {
  it('stands where the trainer read what was asked for', () => {
    expect(heldTo([trial], verdictOf([asked]))).toEqual(verdictOf([asked]));
  });

  it.each([
    ['something else', [other]],
    ['something more', [asked, other]],
    ['nothing', undefined],
  ])('is refused where it read %s', (_what, read) => {
    expect(heldTo([trial], verdictOf(read))).toMatchObject({
      verdict: 'failed',
      cause: 'error',
      message: expect.stringMatching(/its numbers are refused$/) as string,
    });
  });
});
