import { Controller, Get, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { WorkerView } from '#contracts/worker.js';
import { workerViews } from '#db/workers.js';
import { Public } from './access/public.js';
import { Answers } from './answers.js';
import { About } from './openapi/about.js';
import { SERVICES, type Services } from './services.js';
import { Refused } from './refused.js';

const Health = z.object({ status: z.literal('ok') });

@ApiTags('system')
@Controller('api')
export class SystemController {
  constructor(@Inject(SERVICES) private readonly services: Services) {}

  @Get('workers')
  @About('who trains')
  @Answers(WorkerView, { list: true })
  workers() {
    return workerViews(this.services.db);
  }

  /** 503 while the database does not answer. */
  @Get('health')
  @About('whether the database answers')
  @Public()
  @Answers(Health)
  async health() {
    await this.services.db.pool.query('select 1').catch(() => {
      throw new Refused(503, 'the database does not answer');
    });
    return { status: 'ok' };
  }
}
