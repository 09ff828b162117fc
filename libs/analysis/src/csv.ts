import { stringify } from 'csv-stringify/sync';

/** Lines of CSV, each with its end; objects are JSON. A text that a spreadsheet would run as a formula has an
 *  apostrophe in front. */
export const csvLines = (lines: readonly (readonly unknown[])[]): string =>
  stringify(lines as unknown[][], {
    cast: { boolean: String, object: (value) => JSON.stringify(value) },
    escape_formulas: true,
    quoted_match: '\r', // some readers end a line there
  });
