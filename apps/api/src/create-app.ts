import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { Logger } from 'pino';
import { appModule } from './app.module.js';
import { bodies } from './bodies.js';
import { dashboard } from './dashboard.js';
import { guard } from './guard.js';
import type { Parts } from './parts.js';
import { ProblemFilter } from './problem-filter.js';

/** The HTTP application, not yet listening. */
export async function createApp(
  parts: Parts,
  { token, log }: { token: string | undefined; log: Logger },
): Promise<NestExpressApplication> {
  const module = appModule(parts);
  const app = await NestFactory.create<NestExpressApplication>(module, { bodyParser: false, logger: false, abortOnError: false });
  app.disable('x-powered-by');
  app.use(guard(token), ...bodies(), ...dashboard());
  app.useGlobalFilters(new ProblemFilter(log));
  const about = new DocumentBuilder().setTitle('peftgrid').setDescription('Ablation grids of parameter-efficient fine-tuning');
  SwaggerModule.setup('api/docs', app, SwaggerModule.createDocument(app, about.addBearerAuth().build()));
  return app;
}
