import { applyDecorators, HttpCode, SerializeOptions } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import { Problem } from '#contracts/experiment.js';

interface Answer {
  status?: number;
  list?: boolean; // of elements of the schema
}

/** The contract of what a handler returns: checked on the way out, and written into the OpenAPI document. */
export function Answers(schema: z.ZodType, { status = 200, list = false }: Answer = {}): MethodDecorator {
  return applyDecorators(
    HttpCode(status),
    SerializeOptions({ schema }),
    ApiResponse({ status, standardSchema: schema, isArray: list }),
    ApiResponse({ status: '4XX', standardSchema: Problem, description: 'what was wrong, where, and what was expected' }),
  );
}
