import { Controller, Get, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { WorkerView } from '#contracts/worker.js';
import { workerViews } from '#db/workers.js';
import { Public } from './access/public.js';
import { Answers } from './answers.js';
import { About } from './openapi/about.js';
import { PARTS, type Parts } from './parts.js';
import { Refused } from './refused.js';

const Health = z.object({ status: z.literal('ok') });

@ApiTags('system')
@Controller('api')
export class SystemController {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Get('workers')
  @About('who trains')
  @Answers(WorkerView, { list: true })
  workers() {
    return workerViews(this.parts.db);
  }

  /** 503 while the database does not answer. */
  @Get('health')
  @About('whether the database answers')
  @Public()
  @Answers(Health)
  async health() {
    await this.parts.db.pool.query('select 1').catch(() => {
      throw new Refused(503, 'the database does not answer');
    });
    return { status: 'ok' };
  }
}
