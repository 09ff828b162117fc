import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Controller, Get, Header, Inject, Param, StreamableFile } from '@nestjs/common';
import { ApiExcludeController, type OpenAPIObject } from '@nestjs/swagger';
import absolutePath from 'swagger-ui-dist/absolute-path.js';
import { found } from './refused.js';

/** The API's description, made when all routes are known. */
export interface Description {
  document: OpenAPIObject | null;
}

export const DESCRIPTION = Symbol('description');

const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>peftgrid API</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/api/docs/swagger-ui.css"><div id="docs"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script><script src="/api/docs/start.js"></script></html>`;
const start = `SwaggerUIBundle({ url: '/api/docs-json', dom_id: '#docs', deepLinking: true });`;

const scripts = 'text/javascript; charset=utf-8';

/** The description as a page and as JSON: routes as all others, and so under the same guard. */
@ApiExcludeController()
@Controller('api')
export class DocsController {
  constructor(@Inject(DESCRIPTION) private readonly description: Description) {}

  @Get('docs-json')
  json(): OpenAPIObject {
    return found(this.description.document, 'description', 'yet');
  }

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  page(): string {
    return page;
  }

  @Get('docs/:file')
  file(@Param('file') file: string): StreamableFile {
    const known: Record<string, () => StreamableFile> = {
      'start.js': () => new StreamableFile(Buffer.from(start), { type: scripts }),
      'swagger-ui-bundle.js': () => ofPackage('swagger-ui-bundle.js', scripts),
      'swagger-ui.css': () => ofPackage('swagger-ui.css', 'text/css; charset=utf-8'),
    };
    return found(Object.hasOwn(known, file) ? known[file]! : null, 'file', file)();
  }
}

const ofPackage = (name: string, type: string): StreamableFile =>
  new StreamableFile(readFileSync(join(absolutePath(), name)), { type });
