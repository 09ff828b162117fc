import { Readable } from 'node:stream';
import { Controller, Get, Inject, Param, Query, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { csvLines } from '#analysis/csv.js';
import { CurvesPage, CurvesQuery, type ThinnedCurve } from '#contracts/tables.js';
import { curvePages, curvesPage, type CurvesAsked } from '#db/curves.js';
import { measuredMetrics } from '#db/knobs.js';
import { experimentExists } from '#db/views.js';
import { Gives } from './answers.js';
import { askedQuery } from './asked-query.js';
import { checkKnobs } from './known-knobs.js';
import { ndjson } from './ndjson.js';
import { About } from './openapi/about.js';
import { Asks } from './openapi/asks.js';
import { chosenTexts, pageTexts } from './openapi/query-texts.js';
import { SERVICES, type Services } from './services.js';
import { found, identified, Refused } from './refused.js';

@ApiTags('results')
@Controller('api')
export class CurvesController {
  constructor(@Inject(SERVICES) private readonly services: Services) {}

  /** One metric of many trials by step, thinned: a page of trials, or all of them as lines or as CSV. */
  @Get('experiments/:id/curves')
  @About('one metric of many trials by step, thinned')
  @Asks(CurvesQuery, {
    ...chosenTexts,
    state: ['of the trial; several with commas between', 'succeeded'],
    metric: ['as the trainer names it', 'loss'],
    split: ['of the metric', 'train'],
    points: ['of a curve at most: its first, its last, and evenly chosen ones between', 200],
    limit: ['trials on a page', 100],
    ...pageTexts,
  })
  @Gives({ json: CurvesPage, text: ['application/x-ndjson', 'text/csv'] })
  async page(@Param('id') id: string, @Query() query: unknown): Promise<CurvesPage | StreamableFile> {
    const { db } = this.services;
    const { format, ...asked } = askedQuery(CurvesQuery, query, 'the curves');
    found((await experimentExists(db, identified('experiment', id))) || null, 'experiment', id);
    await checkKnobs(db, id, asked.where);
    const { metric, split } = asked;
    const first = await curvesPage(db, id, format === 'json' ? asked : { ...asked, limit: 1 });
    if (first.curves.length === 0) await this.checkMetric(id, asked);
    if (format === 'ndjson') return ndjson(texts(curvePages(db, id, asked)));
    if (format === 'csv') return csv(curvePages(db, id, asked), asked);
    return { metric, split, curves: first.curves, next: first.next === null ? null : String(first.next) };
  }

  /** While nothing is measured any name may become one. */
  private async checkMetric(id: string, { metric, split }: CurvesAsked): Promise<void> {
    const known = await measuredMetrics(this.services.db, id);
    if (known.length === 0 || known.some((k) => k.name === metric && k.split === split)) return;
    const names = known.map((k) => `${k.name} of ${k.split}`).join(', ');
    const message = `no trial has measured ${JSON.stringify(metric)} of ${split}; there are ${names}`;
    throw new Refused(400, 'there is no such curve', [{ path: 'metric', message }]);
  }
}

async function* texts(pages: AsyncIterable<ThinnedCurve[]>): AsyncGenerator<string[]> {
  for await (const page of pages) yield page.map((curve) => JSON.stringify(curve));
}

/** A line for each point. */
function csv(pages: AsyncIterable<ThinnedCurve[]>, { metric, split }: CurvesAsked): StreamableFile {
  async function* parts(): AsyncGenerator<string> {
    yield 'trial,grid,index,point,state,metric,split,step,value\n';
    for await (const page of pages) {
      const lines = page.flatMap(({ trialId, grid, index, point, state, steps, values }) =>
        steps.map((step, i) => [trialId, grid, index, point, state, metric, split, step, values[i]!]),
      );
      if (lines.length) yield csvLines(lines);
    }
  }
  return new StreamableFile(Readable.from(parts(), { objectMode: false }), {
    type: 'text/csv; charset=utf-8',
  });
}
