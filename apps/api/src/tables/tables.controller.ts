import { Controller, Get, Inject, Param, Query, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { JoinedTableQuery, ScalingQuery, ScalingView, TableQuery, TableView } from '#contracts/tables.js';
import type { Where } from '#contracts/where.js';
import { experimentExists } from '#db/views.js';
import { askedQuery } from '../asked-query.js';
import { Gives } from '../answers.js';
import { checkKnobs } from '../known-knobs.js';
import { About } from '../openapi/about.js';
import { Asks } from '../openapi/asks.js';
import { chosenTexts, measuredTexts, tableTexts } from '../openapi/query-texts.js';
import { SERVICES, type Services } from '../services.js';
import { found, identified } from '../refused.js';
import type { TableAsk } from './messages.js';

const tableGives = {
  json: TableView,
  list: true,
  text: ['application/x-ndjson', 'text/csv', 'text/markdown', 'application/x-latex', 'text/plain'],
  binary: ['application/vnd.apache.parquet'],
};

@ApiTags('results')
@Controller('api')
export class TablesController {
  constructor(@Inject(SERVICES) private readonly services: Services) {}

  /** Means over seeds with their intervals, a table a grid. */
  @Get('experiments/:id/table')
  @About('means over seeds with their intervals, a table a grid')
  @Asks(TableQuery, tableTexts)
  @Gives(tableGives)
  async show(@Param('id') id: string, @Query() asked: unknown): Promise<StreamableFile> {
    const query = askedQuery(TableQuery, asked, 'the table');
    return this.answer({
      kind: 'table',
      experiments: [await this.check(id, query.where)],
      joined: false,
      query,
    });
  }

  /** The same of several experiments, with the axis `experiment`: grids of one name are one table. */
  @Get('table')
  @About('the tables of several experiments beside each other')
  @Asks(JoinedTableQuery, {
    experiments: ['ids with commas between', '5f1c7a52-7f0e-4a7e-9a53-0d6f1e6f4c11'],
    ...tableTexts,
  })
  @Gives(tableGives)
  async joined(@Query() asked: unknown): Promise<StreamableFile> {
    const { experiments, ...query } = askedQuery(JoinedTableQuery, asked, 'the table');
    const ids = [...new Set(experiments.map((id) => id.toLowerCase()))];
    for (const id of ids) await this.check(id, query.where);
    return this.answer({ kind: 'table', experiments: ids, joined: true, query });
  }

  /** A metric against one axis of numbers, a line for each combination of the other axes. */
  @Get('experiments/:id/scaling')
  @About('a metric against one axis of numbers')
  @Asks(ScalingQuery, {
    ...chosenTexts,
    axis: ['an axis of numbers', 'method.length'],
    ...measuredTexts,
    format: tableTexts.format,
  })
  @Gives({ json: ScalingView, list: true, text: ['application/x-ndjson', 'text/csv'] })
  async scaling(@Param('id') id: string, @Query() asked: unknown): Promise<StreamableFile> {
    const query = askedQuery(ScalingQuery, asked, 'the figure');
    return this.answer({ kind: 'scaling', experiments: [await this.check(id, query.where)], query });
  }

  private async check(id: string, where: readonly Where[] | undefined): Promise<string> {
    const { db } = this.services;
    found((await experimentExists(db, identified('experiment', id))) || null, 'experiment', id);
    await checkKnobs(db, id, where);
    return id.toLowerCase();
  }

  private async answer(ask: TableAsk): Promise<StreamableFile> {
    const { type, body } = await this.services.tables.ask(ask);
    return new StreamableFile(body, { type, length: body.byteLength });
  }
}
