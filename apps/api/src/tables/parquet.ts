import { parquetWriteBuffer } from 'hyparquet-writer';
import type { TidyTable, TidyValue } from '#analysis/tidy-table.js';

/** A tidy table as a Parquet file. A column of numbers alone is DOUBLE; any other is text, objects as JSON.
 */
export function parquet({ columns, lines }: TidyTable): Uint8Array {
  const columnData = columns.map((name, i) => {
    const values = lines.map((line) => line[i] ?? null);
    const isNumeric =
      values.some((v) => v !== null) && values.every((v) => v === null || typeof v === 'number');
    return isNumeric
      ? { name, data: values as (number | null)[], type: 'DOUBLE' as const }
      : { name, data: values.map(textOf), type: 'STRING' as const };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

function textOf(value: TidyValue): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
