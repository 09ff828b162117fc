import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import express, { type Request, type Response } from 'express';
import { CreateExperiment } from '#contracts/grid.js';
import type { SubmittedText } from './reading/messages.js';
import { schemaOf } from './openapi/named-schemas.js';
import { Refused } from './refused.js';

export const mostBytes = 5_000_000;
const longestMs = 30_000;

const types = {
  json: ['application/json'],
  yaml: ['application/yaml', 'application/x-yaml', 'text/yaml'],
} as const;
const read = express.raw({ type: () => true, limit: mostBytes });

/** The text of a body: JSON, or a grid file. Larger ones are not kept, and refused; so are those that come
 *  too slowly. */
export async function submittedText(request: Request, response: Response): Promise<SubmittedText> {
  const name = request.headers['content-type']?.split(';')[0]!.trim().toLowerCase();
  const type = (Object.keys(types) as (keyof typeof types)[]).find((t) =>
    types[t].some((known) => known === name),
  );
  if (!type)
    throw new Refused(
      415,
      `the body is ${name ?? 'of no type'}; expected application/json, or a grid file as application/yaml`,
    );
  await bytesOf(request, response);
  try {
    return { type, text: new TextDecoder('utf-8', { fatal: true }).decode(request.body as Buffer) };
  } catch {
    throw new Refused(400, 'the body is not UTF-8', [{ path: '', message: 'expected text in UTF-8' }]);
  }
}

async function bytesOf(request: Request, response: Response): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new Refused(408, `the body did not come within ${longestMs / 1000} s`, [], { connection: 'close' }),
        ),
      longestMs,
    );
  });
  const whole = new Promise<void>((resolve, reject) => {
    read(request, response, (error?: unknown) =>
      error ? reject(unreadable(error as ReadError)) : resolve(),
    );
  });
  try {
    await Promise.race([whole, late]);
  } finally {
    clearTimeout(timer);
    whole.catch(() => {}); // it ends after us where the client goes on
  }
  request.body ??= Buffer.alloc(0);
}

type ReadError = Error & { type?: string; status?: number };

/** What the reader of express throws, which carries a type and a status. */
function unreadable(error: ReadError): Error {
  const { type, status, message } = error;
  if (type === 'entity.too.large')
    return new Refused(413, `the body is too large; at most ${mostBytes / 1e6} MB are read`);
  return status !== undefined && status < 500 ? new Refused(status, message) : error;
}

/** For the OpenAPI document. */
export const AcceptsGridFile = (): MethodDecorator =>
  applyDecorators(
    ApiConsumes(types.json[0], types.yaml[0]),
    ApiBody({ schema: schemaOf(CreateExperiment), description: 'grids as JSON, or the text of a grid file' }),
  );
