import { Controller, Get, Inject, Param, Query, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CellsPage, CellsQuery } from '#contracts/cells.js';
import { cellsText, cellTexts } from '#db/cells.js';
import { experimentExists } from '#db/views.js';
import { Gives } from './answers.js';
import { askedQuery } from './asked-query.js';
import { checkKnobs } from './known-knobs.js';
import { ndjson } from './ndjson.js';
import { About } from './openapi/about.js';
import { Asks } from './openapi/asks.js';
import { chosenTexts, pageTexts } from './openapi/query-texts.js';
import { SERVICES, type Services } from './services.js';
import { found, identified } from './refused.js';

@ApiTags('experiments')
@Controller('api')
export class CellsController {
  constructor(@Inject(SERVICES) private readonly services: Services) {}

  /** A page of cells in the order of the file, or all of them as lines. */
  @Get('experiments/:id/cells')
  @About('cells with their states, reasons and results, page by page')
  @Asks(CellsQuery, {
    ...chosenTexts,
    state: ['of the trial; several with commas between', 'failed,cancelled'],
    since: ['an event’s id: those cells alone that later events tell of', 1841],
    limit: ['cells on a page', 1000],
    ...pageTexts,
  })
  @Gives({ json: CellsPage, text: ['application/x-ndjson'] })
  async page(@Param('id') id: string, @Query() query: unknown): Promise<StreamableFile> {
    const { db } = this.services;
    const { format, ...asked } = askedQuery(CellsQuery, query, 'the cells');
    found((await experimentExists(db, identified('experiment', id))) || null, 'experiment', id);
    await checkKnobs(db, id, asked.where);
    if (format === 'ndjson') return ndjson(cellTexts(db, id, asked));
    const { at, cells, next } = await cellsText(db, id, asked);
    const text = `{"at":${at},"cells":[${cells.join(',')}],"next":${next === null ? null : `"${next}"`}}`;
    return new StreamableFile(Buffer.from(text), { type: 'application/json; charset=utf-8' });
  }
}
