import type { Request, Response } from 'express';
import type { z } from 'zod';
import { Refused } from './refused.js';
import { submittedText } from './request-body.js';

/** A small JSON body, parsed by its schema; no body is an empty one. Throws a 400 that names each field. */
export async function wishOf<T>(schema: z.ZodType<T>, request: Request, response: Response): Promise<T> {
  const empty = !request.headers['content-type'] && !Number(request.headers['content-length'] ?? 0);
  const text = empty ? '{}' : (await submittedText(request, response)).text;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Refused(400, 'the body is not JSON', [{ path: '', message: (error as Error).message }]);
  }
  const { data, error } = schema.safeParse(value);
  if (data) return data;
  const issues = error!.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new Refused(400, 'the request is not what was expected', issues);
}
