import { applyDecorators } from '@nestjs/common';
import { ApiConsumes } from '@nestjs/swagger';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { parseGridFile } from '#planner/parse-grid-file.js';

export const mostBytes = 5_000_000;

const yaml = ['application/yaml', 'application/x-yaml', 'text/yaml'];

/** Bodies as what is submitted: JSON, or the text of a grid file. Larger ones are read off without being kept, and refused. */
export function bodies(): RequestHandler[] {
  return [express.json({ limit: mostBytes }), express.text({ type: yaml, limit: mostBytes }), gridFile];
}

function gridFile(request: Request, _response: Response, next: NextFunction): void {
  try {
    if (typeof request.body === 'string') request.body = parseGridFile(request.body);
    next();
  } catch (error) {
    next(error);
  }
}

/** For the OpenAPI document. */
export const AcceptsGridFile = (): MethodDecorator => applyDecorators(ApiConsumes('application/json', yaml[0]!));
