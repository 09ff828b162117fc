import { z } from 'zod';

/** One condition on a cell's resolved config: `method.name:lora`, `training.steps:500`, `from:null`. The
 *  value is JSON or a text; of an object that has a name (`method:lora`) it may be that name. */
export interface Where {
  knob: string;
  value: string;
}

/** As a query string writes it; the first colon parts knob and value. */
export const Where = z.string().transform((text, context): Where => {
  const [, knob, value] = /^([^:\s.]+(?:\.[^:\s.]+)*):(.+)$/s.exec(text.trim()) ?? [];
  if (knob !== undefined && value !== undefined) return { knob, value };
  context.addIssue({
    code: 'custom',
    message: `${JSON.stringify(text)} is no condition; expected KNOB:VALUE, as in method.name:lora`,
  });
  return z.NEVER;
});

/** Given once or several times; all of them hold. A comma is part of the value. */
export const Wheres = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => [given].flat())
  .pipe(z.array(Where).max(20));

/** What the knob may be: the value read as JSON, as a text, and as the name of an object. */
export function meanings({ value }: Where): unknown[] {
  return [...jsonOf(value), value, { name: value }];
}

function jsonOf(text: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return [];
  }
}
