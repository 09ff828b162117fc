import { Controller, Get, Inject, Optional, Res, ServiceUnavailableException } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import type { Response } from 'express';
import { z } from 'zod';
import { workerViews } from '#db/workers.js';
import { only } from '#db/statement.js';
import { Doorbell } from '#queue/doorbell.js';
import { Public } from '../access/public.js';
import { Answers } from '../answers.js';
import { About } from '../openapi/about.js';
import { schemaOf } from '../openapi/named-schemas.js';
import { SERVICES, type Services } from '../services.js';
import { Dispatching } from '../queue/dispatching.js';
import { someoneLeads } from '../queue/leader.js';

const patienceMs = 3_000; // with each part
const stuckMs = 5 * 60_000; // without a look of the dispatcher, which comes every second

const Indicator = z.looseObject({
  status: z.enum(['up', 'down', 'degraded']),
  message: z.string().optional(),
});
const Indicators = z.record(z.string(), Indicator);
/** As @nestjs/terminus answers. */
const Health = z.object({
  status: z.enum(['ok', 'error', 'degraded', 'shutting_down']),
  info: Indicators,
  error: Indicators,
  details: Indicators,
});

const Sick = (): MethodDecorator =>
  ApiResponse({
    status: 503,
    description: 'the same, where a part is down',
    content: { 'application/json': { schema: schemaOf(Health) } },
  } as Parameters<typeof ApiResponse>[0]);

/** For whoever keeps the process running, and for whoever wants to know whether trials would run now. */
@ApiTags('system')
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    @Inject(SERVICES) private readonly services: Services,
    @Optional() private readonly doorbell?: Doorbell,
    @Optional() private readonly dispatching?: Dispatching,
  ) {}

  /** It answers, and its dispatcher has not got stuck. Whether Postgres is there does not matter: a restart
   *  would not bring it back. */
  @Get('live')
  @About('whether this process works; where it does not, it is to be restarted')
  @Public()
  @Answers(Health)
  @Sick()
  live(@Res({ passthrough: true }) response: Response) {
    return this.answer(response, {
      dispatcher: () => {
        const { silentMs = 0 } = this.dispatching ?? {};
        if (silentMs > stuckMs) throw new Error(`has not looked for ${Math.round(silentMs / 1e3)} s`);
      },
    });
  }

  /** A trial that is submitted now would be trained. */
  @Get('ready')
  @About('whether a trial that is submitted now would run: database, queue, a leader and a worker')
  @Public()
  @Answers(Health)
  @Sick()
  ready(@Res({ passthrough: true }) response: Response) {
    const { db } = this.services;
    return this.answer(response, {
      database: () => told(db.pool.query('select 1'), 'does not answer'),
      queue: () => told(Promise.resolve(this.doorbell?.depth()), 'does not answer'),
      leader: async () => {
        const { leads } = only(await told(someoneLeads(db.pool, []), 'the database does not answer'));
        if (!leads) throw new Error('no process dispatches');
      },
      workers: async () => {
        const workers = await told(workerViews(db), 'the database does not answer');
        if (!workers.some(({ state }) => state === 'idle' || state === 'training'))
          throw new Error('none is alive and takes work: start ./peftgrid worker');
      },
    });
  }

  private async answer(response: Response, parts: Record<string, () => unknown>): Promise<unknown> {
    response.setHeader('cache-control', 'no-store');
    const asked = Object.entries(parts).map(([name, look]) =>
      this.indicators
        .check(name)
        .attempt(async () => void (await look()))
        .withTimeout(patienceMs),
    );
    try {
      return await this.health.check(asked);
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) throw error;
      response.status(503);
      return error.getResponse();
    }
  }
}

/** Everybody may ask: what an error says of addresses stays here. */
const told = <T>(work: Promise<T>, sentence: string): Promise<T> =>
  work.catch((cause: unknown) => {
    throw new Error(sentence, { cause });
  });
