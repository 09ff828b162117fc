import { applyDecorators } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { z } from 'zod';

type Said = readonly [description: string, example: string | number];

interface JsonSchema {
  type?: string;
  anyOf?: JsonSchema[];
  items?: JsonSchema;
  default?: unknown;
}

/** The parameters of a query string, with what each is and an example: the schema says which there are. */
export function Asks<S extends z.ZodObject>(
  schema: S,
  said: { [K in keyof z.output<S>]-?: Said },
): MethodDecorator {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const parameters = Object.entries(properties).map(([name, property]) => {
    const [description, example] = said[name as keyof typeof said] as Said;
    const own = single(property as JsonSchema);
    const shown = own.type === 'array' ? [example] : own.type === 'string' ? String(example) : example;
    const described = { ...own, examples: [shown] };
    return ApiQuery({ name, required: required.includes(name), description, schema: described as object });
  });
  return applyDecorators(...parameters);
}

/** A parameter that may come once or several times is a list. */
function single(schema: JsonSchema): JsonSchema {
  const list = schema.anyOf?.find((s) => s.type === 'array');
  return list ?? schema;
}
