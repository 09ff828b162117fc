import type { StandardSchemaV1 } from '@standard-schema/spec';
import { Injectable, StandardSchemaValidationPipe } from '@nestjs/common';
import { z } from 'zod';
import { issueWords } from '#planner/issue-words.js';
import { pathText } from '#planner/parse-grid-file.js';
import { Refused } from './refused.js';

z.config({ customError: issueWords }); // a standard schema takes no words of its own

type Path = readonly (PropertyKey | { key: PropertyKey })[];

/** Parameters by the schemas they are declared with; a 400 shows each place with the value that is there and what was expected. */
@Injectable()
export class Validation extends StandardSchemaValidationPipe {
  constructor() {
    super({
      exceptionFactory: (issues) => {
        const shown = issues.map(({ path = [], message }) => ({ path: pathText(keys(path)), message }));
        return new Refused(400, 'the request is not what was expected', shown);
      },
    });
  }

  protected override async validate<T>(
    value: unknown,
    schema: StandardSchemaV1,
    options?: Record<string, unknown>,
  ): Promise<StandardSchemaV1.Result<T>> {
    const result = await super.validate<T>(value, schema, options);
    if (!result.issues) return result;
    const issues = result.issues.map((issue) => ({ ...issue, message: `${shown(value, issue.path ?? [])}: ${issue.message}` }));
    return { issues };
  }
}

const keys = (path: Path): PropertyKey[] => path.map((p) => (typeof p === 'object' ? p.key : p));

function shown(value: unknown, path: Path): string {
  const there = keys(path).reduce<unknown>((v, key) => (v as Record<PropertyKey, unknown> | undefined)?.[key], value);
  const text = JSON.stringify(there) ?? 'is missing';
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
