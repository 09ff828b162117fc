import type { z } from 'zod';
import { Refused } from './refused.js';

/** A query string as its schema reads it. A 400 names each parameter that is not one, and says what was
 *  expected. */
export function askedQuery<T extends z.ZodType>(schema: T, query: unknown, what: string): z.output<T> {
  const { success, data, error } = schema.safeParse(query);
  if (success) return data;
  const issues = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new Refused(400, `${what} cannot be asked for like this`, issues);
}
