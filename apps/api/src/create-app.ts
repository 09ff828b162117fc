import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import express from 'express';
import type { Logger } from 'pino';
import type { QueueSettings } from '#queue/backend.js';
import { accessLog } from './access/access-log.js';
import { securityHeaders } from './access/headers.js';
import { ownPages } from './access/own-pages.js';
import type { Token } from './access/tokens.js';
import { appModule } from './app.module.js';
import { dashboard } from './dashboard.js';
import type { Description } from './docs.controller.js';
import { cutUnread } from './limits.js';
import { describe } from './openapi/document.js';
import type { Joining } from './joining.js';
import type { Services } from './services.js';
import { ProblemFilter } from './problem-filter.js';
import { Refused } from './refused.js';

export interface Door {
  tokens: readonly Token[];
  proxies?: readonly string[]; // addresses whose X-Forwarded-For is believed
  log: Logger;
  joining?: Joining; // absent: of an API that hands out no links
  queue?: QueueSettings; // absent: of an API that dispatches nothing
}

const noJoining: Joining = {
  version: '',
  databaseUrl: '',
  redisUrl: undefined,
  artifacts: undefined,
  url: () => {
    throw new Refused(404, 'this API hands out no join links');
  },
};

/** The HTTP application, not yet listening. Bodies are read by the routes that take one, after the guard let
 *  the request in. */
export async function createApp(
  services: Services,
  { tokens, proxies = [], log, joining = noJoining, queue }: Door,
): Promise<NestExpressApplication> {
  const description: Description = { document: null };
  const access = { tokens, log, db: services.db };
  const module = appModule({ services, access, description, joining, queue });
  const server = express();
  server.disable('x-powered-by');
  for (const name of ['case sensitive routing', 'strict routing']) server.enable(name);
  server.set('trust proxy', [...proxies]);
  const app = await NestFactory.create<NestExpressApplication>(module, new ExpressAdapter(server), {
    bodyParser: false,
    logger: false,
    abortOnError: false,
  });
  app.use(
    securityHeaders(),
    accessLog(log),
    cutUnread,
    ownPages({ withToken: tokens.length > 0 }),
    ...dashboard(),
  );
  app.useGlobalFilters(new ProblemFilter(log));
  description.document = describe(app);
  return app;
}
