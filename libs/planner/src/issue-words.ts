/** What zod finds wrong, in words that follow the value: `0: expected 1 or more`. A schema's own message
 *  comes before them. */
import type { z } from 'zod';

const kinds: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of knobs to values',
  record: 'a mapping of names to values',
  null: 'null',
  json: 'a JSON value',
};

/** zod's `error` of a parse. undefined: zod's own words, for what no schema here can find. */
export function issueWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${kinds[issue.expected as string] ?? String(issue.expected)}`;
    case 'too_small':
    case 'too_big':
      return `expected ${boundText(issue)}`;
    case 'not_multiple_of':
      return `expected a multiple of ${issue.divisor}`;
    case 'invalid_value':
      return `expected ${oneOf(issue.values as unknown[])}`;
    case 'invalid_format':
      return `expected ${issue.format === 'regex' ? `a text that matches ${issue.pattern}` : `a text in the form of ${issue.format}`}`;
    case 'unrecognized_keys':
      return `there is no ${issue.keys.map((key) => `"${key}"`).join(', no ')} here`;
    case 'invalid_union':
      return 'fits none of the forms that are allowed here';
    default:
      return undefined;
  }
}

interface Bound {
  code: 'too_small' | 'too_big';
  origin: string;
  inclusive?: boolean;
  exact?: boolean;
  minimum?: number | bigint;
  maximum?: number | bigint;
}

function boundText({ code, origin, inclusive = true, exact = false, minimum, maximum }: Bound): string {
  const end = code === 'too_small' ? minimum! : maximum!;
  const unit = unitOf(origin, end);
  if (exact) return `exactly ${end}${unit}`;
  if (code === 'too_small')
    return inclusive ? (unit ? `at least ${end}${unit}` : `${end} or more`) : `more than ${end}${unit}`;
  return inclusive ? (unit ? `at most ${end}${unit}` : `${end} or less`) : `less than ${end}${unit}`;
}

function unitOf(origin: string, end: number | bigint): string {
  if (origin === 'string') return Number(end) === 1 ? ' character' : ' characters';
  if (origin === 'array' || origin === 'set') return Number(end) === 1 ? ' item' : ' items';
  return origin === 'object' || origin === 'record' ? ' entries' : '';
}

function oneOf(values: readonly unknown[]): string {
  const texts = values.map((v) => (typeof v === 'string' ? v : JSON.stringify(v)));
  return texts.length === 1 ? texts[0]! : `one of ${texts.join(', ')}`;
}
