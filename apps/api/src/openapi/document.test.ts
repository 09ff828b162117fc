import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import pino from 'pino';
import { createApp } from '../create-app.js';
import type { Services } from '../services.js';
import { examples } from './examples.js';
import { named } from './named-schemas.js';

interface Described {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object>; securitySchemes: Record<string, object> };
}
interface Operation {
  operationId: string;
  summary?: string;
  security: Record<string, unknown>[];
  parameters: {
    name: string;
    in: string;
    description?: string;
    example?: unknown;
    schema: { example?: unknown; examples?: unknown[] };
  }[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { content?: Record<string, { schema: Record<string, unknown> }> }>;
}

let app: NestExpressApplication;
let described: Described;

beforeAll(async () => {
  // nothing is asked of its services
  app = await createApp({} as Services, { tokens: [], log: pino({ level: 'silent' }) });
  await app.listen(0, '127.0.0.1');
  described = (await (await fetch(`${await app.getUrl()}/api/docs-json`)).json()) as Described;
}, 60_000);
afterAll(() => app?.close());

const operations = () =>
  Object.entries(described.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, path, operation })),
  );

it('is an OpenAPI document to a validator that knows nothing of us', () => {
  const folder = mkdtempSync(join(tmpdir(), 'peftgrid-openapi-'));
  const file = join(folder, 'openapi.json');
  const modules = resolve(__dirname, '..', '..', '..', '..', 'node_modules');
  const validator = join(modules, '@seriousme', 'openapi-schema-validator', 'bin', 'validate-api-cli.js');
  const verdict = (document: object): { valid: boolean } => {
    writeFileSync(file, JSON.stringify(document));
    try {
      return JSON.parse(execFileSync(process.execPath, [validator, file], { encoding: 'utf8' })) as {
        valid: boolean;
      };
    } catch (error) {
      // it ends with 1 where it finds a fault
      return JSON.parse((error as { stdout: string }).stdout) as { valid: boolean };
    }
  };
  expect(verdict(described)).toEqual({ valid: true });
  expect(verdict({ ...described, paths: { '/x': { get: { responses: 1 } } } }).valid).toBe(false);
  rmSync(folder, { recursive: true });
});

it('says of every operation what it does, who may, and of every parameter what it is, with an example', () => {
  for (const { name, path, operation } of operations()) {
    const { summary, security, parameters, responses } = operation;
    expect([name, summary]).toEqual([name, expect.stringMatching(/./)]);
    expect([name, security]).toEqual([name, /^\/(api\/)?health/.test(path) ? [] : [{ bearer: [] }]]);
    const places = [...path.matchAll(/\{([^}]+)\}/g)].map(([, place]) => place);
    expect([name, parameters.filter((p) => p.in === 'path').map((p) => p.name)]).toEqual([name, places]);
    for (const { name: parameter, description, example, schema } of parameters) {
      expect([name, parameter, description]).toEqual([name, parameter, expect.stringMatching(/./)]);
      expect([name, parameter, example ?? schema.example ?? schema.examples?.[0]]).toEqual([
        name,
        parameter,
        expect.anything(),
      ]);
    }
    for (const status of ['4XX', '5XX'])
      expect(JSON.stringify(responses[status])).toContain('#/components/schemas/Problem');
  }
  const ids = operations().map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

it('names every contract that is sent or given, and refers to none that is not there', () => {
  const text = JSON.stringify(described);
  for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g))
    expect(described.components.schemas).toHaveProperty(name!);
  for (const { name, operation } of operations()) {
    const contents = [
      operation.requestBody?.content,
      ...Object.values(operation.responses).map((r) => r.content),
    ];
    const schemas = contents.flatMap((content) => Object.values(content ?? {}).map(({ schema }) => schema));
    for (const schema of schemas)
      expect([name, JSON.stringify(schema)]).toEqual([
        name,
        expect.stringMatching(/\$ref|"type":"string"|"status"/),
      ]);
  }
});

it.each(Object.entries(examples))('shows an example of %s that its contract reads', (name, example) => {
  expect(named[name]!.safeParse(example)).toMatchObject({ success: true });
});
