import { Controller, Get, Headers, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { latestEventId } from '#db/events.js';
import { experimentExists } from '#db/views.js';
import { Gives } from './answers.js';
import { mostStreams, type Told } from './event-streams.js';
import { About } from './openapi/about.js';
import { SERVICES, type Services } from './services.js';
import { found, identified, Refused } from './refused.js';

const mostMetricsOf = 50; // trials that a live view has the metrics of

@ApiTags('experiments')
@Controller('api')
export class EventsController {
  constructor(@Inject(SERVICES) private readonly services: Services) {}

  /** An event stream: everything behind the cursor (0: from the beginning; none: from now on), then what
   *  happens, until the client goes. */
  @Get('experiments/:id/events')
  @About(
    'an event stream: what happens to the experiment, each event once and in order, or its newest states',
  )
  @ApiQuery({
    name: 'after',
    required: false,
    description: 'cursor: the id of an event; 0: from the beginning; absent: from now on',
    schema: { type: 'integer', minimum: 0, examples: [1841] } as object,
  })
  @ApiQuery({
    name: 'view',
    required: false,
    description:
      'each: every event once and in order; live: the newest state of what has changed, twice a second at most',
    schema: { type: 'string', enum: ['each', 'live'], default: 'each', examples: ['live'] } as object,
  })
  @ApiQuery({
    name: 'metrics',
    required: false,
    description: `trials whose metrics a live view has too, at most ${mostMetricsOf}, with commas between them`,
    schema: { type: 'string', examples: ['5f1c7a52-7f0e-4a7e-9a53-0d6f1e6f4c11'] } as object,
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
    @Query() query: EventsAsked,
    @Headers('last-event-id') last: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const { db, streams } = this.services;
    const cursor = cursorOf(last || query.after);
    const told = toldOf(id, query);
    found((await experimentExists(db, identified('experiment', id))) || null, 'experiment', id);
    const added = streams.add(told, cursor ?? (await latestEventId(db)), response);
    if (added) return;
    const title = `${mostStreams} event streams are open to this address already; close some`;
    throw new Refused(429, title, [], { 'retry-after': '10' });
  }
}

/** As they come: texts, or lists where one is given twice. */
interface EventsAsked {
  after?: string;
  view?: unknown;
  metrics?: unknown;
}

function toldOf(experimentId: string, { view = 'each', metrics }: EventsAsked): Told {
  const wrong = (path: string, message: string): Refused =>
    new Refused(400, 'the events cannot be asked for like this', [{ path, message }]);
  if (view !== 'each' && view !== 'live')
    throw wrong('view', `${JSON.stringify(view)}; expected each or live`);
  if (view === 'each') {
    if (metrics !== undefined)
      throw wrong('metrics', 'each event is told, metrics too; expected view=live with it');
    return { experimentId, view };
  }
  const given = [metrics ?? []].flat().map(String);
  const metricsOf = given.flatMap((text) => text.split(',')).filter(Boolean);
  if (metricsOf.length > mostMetricsOf)
    throw wrong('metrics', `${metricsOf.length} trials; expected at most ${mostMetricsOf}`);
  const ids = metricsOf.map((trialId) => identified('trial', trialId).toLowerCase());
  return { experimentId, view, metricsOf: [...new Set(ids)].toSorted() };
}

function cursorOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const cursor = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(cursor)) return cursor;
  throw new Refused(400, 'the cursor is not one', [
    { path: 'after', message: `${JSON.stringify(text)}; expected the id of an event` },
  ]);
}
