import { Controller, Get, Headers, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { latestEventId } from '#db/events.js';
import { experimentView } from '#db/views.js';
import { Gives } from './answers.js';
import { mostStreams } from './event-streams.js';
import { About } from './openapi/about.js';
import { SERVICES, type Services } from './services.js';
import { found, identified, Refused } from './refused.js';

@ApiTags('experiments')
@Controller('api')
export class EventsController {
  constructor(@Inject(SERVICES) private readonly services: Services) {}

  /** An event stream: everything behind the cursor (0: from the beginning; none: from now on), then what
   *  happens, until the client goes. */
  @Get('experiments/:id/events')
  @About('an event stream: what happens to the experiment, each event once and in order')
  @ApiQuery({
    name: 'after',
    required: false,
    description: 'cursor: the id of an event; 0: from the beginning; absent: from now on',
    schema: { type: 'integer', minimum: 0, examples: [1841] } as object,
  })
  @ApiHeader({
    name: 'last-event-id',
    required: false,
    description: 'the same; it goes before `after`',
    example: '1841',
  })
  @Gives({ text: ['text/event-stream'] })
  async stream(
    @Param('id') id: string,
    @Query('after') after: string | undefined,
    @Headers('last-event-id') last: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const { db, streams } = this.services;
    const cursor = cursorOf(last || after);
    found(await experimentView(db, identified('experiment', id)), 'experiment', id);
    const added = streams.add(id, cursor ?? (await latestEventId(db)), response);
    if (added) return;
    const title = `${mostStreams} event streams are open to this address already; close some`;
    throw new Refused(429, title, [], { 'retry-after': '10' });
  }
}

function cursorOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const cursor = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(cursor)) return cursor;
  throw new Refused(400, 'the cursor is not one', [
    { path: 'after', message: `${JSON.stringify(text)}; expected the id of an event` },
  ]);
}
