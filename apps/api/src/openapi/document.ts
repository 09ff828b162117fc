/** The OpenAPI document: Nest’s routes, with the contracts under their names, and with what every operation
 *  has. */
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { componentSchemas } from './named-schemas.js';

const about = `Ablation grids of parameter-efficient fine-tuning: what peftgrid’s command line and dashboard speak. Every refused
request is answered with a Problem: what was wrong, where, and what was expected.`;

export const publicMark = 'x-peftgrid-public';

interface Operation {
  operationId?: string;
  security?: object[];
  parameters?: Parameter[];
  responses: Record<string, object>;
  [publicMark]?: boolean;
}

interface Parameter {
  name: string;
  in: string;
  description?: string;
  example?: unknown;
  schema?: object;
}

export function describe(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('peftgrid')
    .setVersion('1')
    .setDescription(about.replaceAll('\n', ' '))
    .addServer('/', 'this server')
    .addTag('experiments', 'what should exist, and how far it is')
    .addTag('results', 'tables, figures and curves')
    .addTag('trials', 'one config and seed')
    .addTag('inputs', 'files that are uploaded before they are submitted')
    .addTag('artifacts', 'files by the hash of their content, for workers')
    .addTag('workers', 'links with which other machines join')
    .addTag('system', 'workers and health')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      description: 'PEFTGRID_TOKEN, where the server was started with one',
    });
  const document = SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (controller, method) =>
      `${controller.replace(/Controller$/, '').toLowerCase()}_${method}`,
  });
  for (const [path, operations] of Object.entries(document.paths))
    for (const operation of Object.values(operations as Record<string, Operation>)) complete(path, operation);
  document.components = { ...document.components, schemas: componentSchemas() as never };
  return document;
}

const problem = { content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } } };

function complete(path: string, operation: Operation): void {
  const isPublic = operation[publicMark] === true;
  delete operation[publicMark];
  operation.security = isPublic ? [] : [{ bearer: [] }];
  operation.parameters ??= [];
  for (const name of path.match(/(?<=\{)[^}]+/g) ?? []) completePlace(path, name, operation.parameters);
  operation.responses = {
    ...operation.responses,
    '4XX': { description: 'what was wrong, where, and what was expected', ...problem },
    '5XX': { description: 'the server cannot answer now', ...problem },
  };
}

const uuid = { type: 'string', format: 'uuid' };
const places: Readonly<Record<string, { description: string; example: unknown; schema: object }>> = {
  id: {
    description: 'of the experiment or trial',
    example: '5f1c7a52-7f0e-4a7e-9a53-0d6f1e6f4c11',
    schema: uuid,
  },
  hash: {
    description: 'sha256 of the content',
    example: 'a3'.repeat(32),
    schema: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  },
  kind: {
    description: 'of checkpoint',
    example: 'adapter',
    schema: { type: 'string', enum: ['resume', 'backbone', 'adapter', 'predictions', 'neighbours'] },
  },
  step: { description: 'of the checkpoint', example: 400, schema: { type: 'integer', minimum: 0 } },
  path: {
    description: 'of the file within the checkpoint',
    example: 'adapter_config.json',
    schema: { type: 'string' },
  },
};

/** A place of the path: Nest knows no name of one that spans several segments. */
function completePlace(path: string, name: string, parameters: Parameter[]): void {
  let place = parameters.find((p) => p.in === 'path' && p.name === name);
  if (!place) parameters.push((place = { name, in: 'path' }));
  Object.assign(place, { required: true }, places[name]);
  if (name !== 'id') return;
  const noun = path.startsWith('/api/trials')
    ? 'trial'
    : path.startsWith('/api/join-links')
      ? 'link'
      : 'experiment';
  place.description = `of the ${noun}`;
}
