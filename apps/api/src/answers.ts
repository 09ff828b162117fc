import { applyDecorators, HttpCode, SerializeOptions } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import { schemaOf } from './openapi/named-schemas.js';

interface Answer {
  status?: number;
  list?: boolean; // of elements of the schema
}

/** The contract of what a handler returns: checked on the way out, and written into the OpenAPI document. */
export function Answers(schema: z.ZodType, { status = 200, list = false }: Answer = {}): MethodDecorator {
  return applyDecorators(
    HttpCode(status),
    SerializeOptions({ schema }),
    Gives({ json: schema, status, list }),
  );
}

interface Given extends Answer {
  json?: z.ZodType;
  text?: readonly string[]; // media types of texts
  binary?: readonly string[]; // media types of bytes
}

/** What a handler answers, for the OpenAPI document alone. */
export function Gives({ json, text = [], binary = [], status = 200, list = false }: Given): MethodDecorator {
  const schema = json && (list ? { type: 'array', items: schemaOf(json) } : schemaOf(json));
  const content = {
    ...(schema && { 'application/json': { schema } }),
    ...Object.fromEntries(text.map((type) => [type, { schema: { type: 'string' } }])),
    ...Object.fromEntries(binary.map((type) => [type, { schema: { type: 'string', format: 'binary' } }])),
  };
  const description = status === 201 ? 'it was made' : 'what was asked for';
  return ApiResponse({ status, description, content } as Parameters<typeof ApiResponse>[0]);
}
