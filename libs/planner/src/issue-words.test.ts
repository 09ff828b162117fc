import { z } from 'zod';
import { TuneConfig } from '#contracts/trial.js';
import { issueWords } from './issue-words.js';

const saidOf = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value, { error: issueWords }).error!.issues.map((i) => i.message);

describe('what zod finds wrong, in words', () => {
  it.each([
    [z.array(z.string()).min(1), [], 'expected at least 1 item'],
    [z.array(z.string()).max(2), ['a', 'b', 'c'], 'expected at most 2 items'],
    [z.string().min(1), '', 'expected at least 1 character'],
    [z.string().length(3), 'ab', 'expected exactly 3 characters'],
    [z.int().min(1), 0, 'expected 1 or more'],
    [z.number().gt(0), 0, 'expected more than 0'],
    [z.number().max(100), 1e6, 'expected 100 or less'],
    [z.number().lt(1), 1, 'expected less than 1'],
    [z.int(), 1.5, 'expected a whole number'],
    [z.number(), 'x', 'expected a number'],
    [z.number(), Number.NaN, 'expected a number'],
    [z.boolean(), 'yes', 'expected true or false'],
    [z.strictObject({}), { lenght: 1 }, 'there is no "lenght" here'],
    [z.enum(['a', 'b']), 'c', 'expected one of a, b'],
    [z.literal(4), 5, 'expected 4'],
    [z.number().multipleOf(8), 3, 'expected a multiple of 8'],
    [z.union([z.string(), z.number()]), true, 'fits none of the forms that are allowed here'],
    [z.string().regex(/^a/, 'expected an a first'), 'b', 'expected an a first'],
  ])('%#', (schema, value, words) => expect(saidOf(schema, value)).toEqual([words]));

  it('leaves none of zod’s own to a knob', () => {
    const wrong = {
      stage: 'tune',
      backbone: 1,
      task: { name: 'file', path: 2 },
      method: { name: 'lora', rank: 0 },
      training: { steps: 'x', batch: 0.5 },
      seed: -1,
    };
    const said = saidOf(TuneConfig, wrong);
    expect(said.length).toBeGreaterThan(5);
    expect(said.filter((text) => /Invalid|Too (small|big)|received/.test(text))).toEqual([]);
  });
});
