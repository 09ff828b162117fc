import { applyDecorators } from '@nestjs/common';
import { ApiConsumes } from '@nestjs/swagger';
import express, { type ErrorRequestHandler, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { parseGridFile } from '#planner/parse-grid-file.js';
import { Refused } from './refused.js';

const mostBytes = 5_000_000;

const yaml = ['application/yaml', 'application/x-yaml', 'text/yaml'];

/** Bodies as what is submitted: JSON, or the text of a grid file. Larger ones are read off without being kept, and refused. */
export function bodies(): (RequestHandler | ErrorRequestHandler)[] {
  return [express.json({ limit: mostBytes }), express.text({ type: yaml, limit: mostBytes }), unreadable, gridFile];
}

function gridFile(request: Request, _response: Response, next: NextFunction): void {
  try {
    if (request.body === undefined && hasBody(request)) {
      const type = request.headers['content-type'] ?? 'of no type';
      throw new Refused(415, `the body is ${type}; expected application/json, or a grid file as application/yaml`);
    }
    if (typeof request.body === 'string') request.body = parseGridFile(request.body);
    next();
  } catch (error) {
    next(error);
  }
}

const hasBody = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** What the parsers of express throw, which carries a type and a status. */
function unreadable(
  error: Error & { type?: string; status?: number },
  _: Request,
  _response: Response,
  next: NextFunction,
): void {
  const { type, status, message } = error;
  if (type === 'entity.too.large') next(new Refused(413, `the body is too large; at most ${mostBytes / 1e6} MB are read`));
  else if (type === 'entity.parse.failed') next(new Refused(400, 'the body is not JSON', [{ path: '', message }]));
  else next(status !== undefined && status < 500 ? new Refused(status, message) : error);
}

/** For the OpenAPI document. */
export const AcceptsGridFile = (): MethodDecorator => applyDecorators(ApiConsumes('application/json', yaml[0]!));
