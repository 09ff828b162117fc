/** Tables and figures of kept cells, as the bytes of an answer. */
import { formatTables, tableValue } from '#analysis/format-table.js';
import { type Asked, gridTables } from '#analysis/grid-tables.js';
import { scalings, tidyScaling } from '#analysis/scaling.js';
import { csvText, ndjsonText, tidyTable, type TidyTable } from '#analysis/tidy-table.js';
import type { CellView } from '#contracts/experiment.js';
import type { ScalingQuery, TableQuery } from '#contracts/tables.js';
import type { TableAnswer } from './messages.js';
import { parquet } from './parquet.js';

const types = {
  json: 'application/json; charset=utf-8',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8',
  markdown: 'text/markdown; charset=utf-8',
  latex: 'application/x-latex; charset=utf-8',
  text: 'text/plain; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
} as const satisfies Record<TableQuery['format'], string>;

/** Throws RangeError, which says what there is, where the table cannot be made. */
export async function tableAnswer(cells: readonly CellView[], query: TableQuery): Promise<TableAnswer> {
  const { format } = query;
  const tables = gridTables(cells, askedOf(query));
  return { type: types[format], body: await bodyOf() };

  async function bodyOf(): Promise<Uint8Array> {
    if (format === 'json') return bytes(JSON.stringify(tables.map(tableValue)));
    if (format === 'ndjson') return bytes(ndjsonText(tidyTable(tables)));
    if (format === 'parquet') return parquet(tidyTable(tables));
    return bytes(`${formatTables(tables, format)}\n`);
  }
}

/** Throws RangeError, which says what there is, where the figure cannot be made. */
export function scalingAnswer(cells: readonly CellView[], query: ScalingQuery): TableAnswer {
  const { format, axis } = query;
  const found = scalings(cells, { ...askedOf(query), axis });
  const tidy = (write: (table: TidyTable) => string) => bytes(write(tidyScaling(found)));
  const body = {
    json: () => bytes(JSON.stringify(found)),
    ndjson: () => tidy(ndjsonText),
    csv: () => tidy((t) => `${csvText(t)}\n`),
  };
  return { type: types[format], body: body[format]() };
}

function askedOf({ grid, metric, split, ...query }: TableQuery | ScalingQuery): Asked {
  return {
    ...(grid && { grids: grid }),
    ...('rows' in query && query.rows && { rows: query.rows }),
    ...('cols' in query && query.cols && { cols: query.cols }),
    ...(metric !== undefined && { metric }),
    ...(split && { split }),
  };
}

const bytes = (text: string): Uint8Array => Buffer.from(text);
