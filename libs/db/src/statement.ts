import { z } from 'zod';

/** Where a statement runs: within a transaction, or on any connection of the pool. */
export interface Connection {
  query(query: {
    name?: string;
    text: string;
    values: unknown[];
  }): Promise<{ rows: unknown[]; rowCount: number | null }>;
}

/** A statement that gives rows. Postgres parses and plans it once on each connection, so it must mean the
 *  same plan for few values and for many. Rows are checked: the text and the type of what it gives cannot
 *  part. */
export function statement<Row extends z.ZodType>(name: string, row: Row, text: string) {
  const rows = z.array(row);
  return async (on: Connection, values: unknown[]): Promise<z.output<Row>[]> =>
    rows.parse((await on.query({ name, text, values })).rows);
}

/** A statement that gives no rows; resolves to how many it changed. */
export function command(name: string, text: string) {
  return async (on: Connection, values: unknown[]): Promise<number> =>
    (await on.query({ name, text, values })).rowCount ?? 0;
}

/** A statement over rows that are sent as one JSON text: for Postgres one value, however many rows there are.
 */
export const rowsOf = (rows: readonly unknown[]): string => JSON.stringify(rows);

/** The one row that a statement always gives. */
export function only<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new Error('a statement gave no row where it always gives one');
  return row;
}

export const Uuid = z.string();
export const WithId = z.object({ id: Uuid });
