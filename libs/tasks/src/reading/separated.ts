import { pipeline } from 'node:stream/promises';
import { parse as parser } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import type { DataRecord } from './data-record.js';
import { linesIn } from './utf8.js';

/** What a file has besides rows of one width below a header. */
export interface Layout {
  header?: readonly string[]; // the names of the columns, of a file without a line of them
  shortRows?: boolean; // rows may lack their last columns, and so these fields
}

/** How a file's columns are parted. */
export interface Dialect extends Layout {
  delimiter: ',' | '\t';
  quote: string | null; // null: a quotation mark is a character like others
}

interface Row {
  info: { bytes: number }; // up to its end
  record: string[];
}

/** Rows below a header, as text. Throws an Error that names the line. */
export function separated(path: string, bytes: Buffer, dialect: Dialect): DataRecord[] {
  const rows = new Rows(path, bytes, dialect);
  try {
    for (const row of parse(bytes, optionsOf(dialect)) as unknown as Row[]) rows.add(row);
  } catch (cause) {
    throw rows.unparsed(cause);
  }
  return rows.records;
}

/** The same a piece of the file at a time. */
export async function separatedInTurns(path: string, bytes: Buffer, dialect: Dialect): Promise<DataRecord[]> {
  const rows = new Rows(path, bytes, dialect);
  try {
    await pipeline(pieces(bytes), parser(optionsOf(dialect)), async (read: AsyncIterable<Row>) => {
      for await (const row of read) rows.add(row);
    });
  } catch (cause) {
    throw rows.unparsed(cause);
  }
  return rows.records;
}

const pieceBytes = 1 << 16; // a millisecond's work or two

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    yield bytes.subarray(at, at + pieceBytes);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const optionsOf = ({ delimiter, quote }: Dialect) => ({
  delimiter,
  quote,
  escape: quote,
  info: true as const,
  record_delimiter: ['\r\n', '\n', '\r'],
  relax_column_count: true, // counted here, by lines as an editor counts them
  skip_empty_lines: true,
});

/** Rows as they come, the header first. */
class Rows {
  readonly records: DataRecord[] = [];
  private header: readonly string[] | undefined;
  private at = 0; // bytes read
  private line = 1; // of the byte at `at`

  constructor(
    private readonly path: string,
    private readonly bytes: Buffer,
    private readonly dialect: Dialect,
  ) {
    this.header = dialect.header;
  }

  add({ info, record }: Row): void {
    const line = this.lineOfNext();
    this.line += linesIn(this.bytes, this.at, info.bytes);
    this.at = info.bytes;
    if (!this.header) this.header = this.headerOf(record);
    else this.records.push({ line, fields: this.fieldsOf(record, line) });
  }

  private lineOfNext(): number {
    return this.line + linesIn(this.bytes, this.at, this.rowFrom(this.at));
  }

  /** Where the row behind `at` begins: empty lines are skipped. */
  private rowFrom(at: number): number {
    let from = at;
    while (this.bytes[from] === 0x0a || this.bytes[from] === 0x0d) from++;
    return from;
  }

  private headerOf(names: string[]): string[] {
    const again = names.findIndex((name, i) => name !== '' && names.indexOf(name) !== i);
    if (again < 0) return names;
    const first = names.indexOf(names[again]!);
    throw new Refused(
      `${this.path}: the column "${names[again]}" is there twice (columns ${first + 1} and ${again + 1})`,
    );
  }

  /** A column without a name, such as pandas' index, is no field. */
  private fieldsOf(values: string[], line: number): Record<string, string> {
    const header = this.header!;
    const isShort = this.dialect.shortRows === true && values.length < header.length;
    if (values.length !== header.length && !isShort)
      throw new Refused(
        `${this.path}, line ${line}: ${counted(values.length, 'column')}, and ${this.dialect.header ? `${header.length} are expected: ${header.join(', ')}` : `the header has ${header.length}`}`,
      );
    return Object.fromEntries(
      header.flatMap((name, i) => (name === '' || i >= values.length ? [] : [[name, values[i]!]])),
    );
  }

  unparsed(cause: unknown): Error {
    if (cause instanceof Refused) return new Error(cause.message);
    const { code, message, bytes = 0 } = cause as { code?: string; message: string; bytes?: number };
    const line = linesIn(this.bytes, 0, this.rowFrom(bytes)) + 1; // of the row that could not be read
    const { quote } = this.dialect;
    const why: Record<string, string> = {
      CSV_QUOTE_NOT_CLOSED: `a quote (${quote}) opens in the row that begins here and never closes`,
      INVALID_OPENING_QUOTE: `a quote (${quote}) stands within a value that is not quoted`,
      CSV_INVALID_CLOSING_QUOTE: `something follows a closing quote (${quote})`,
    };
    if (code === undefined || why[code] === undefined)
      return new Error(`${this.path}, line ${line}: ${message}`, { cause });
    const mend = `write ${quote}${quote} within quotes, or set task.quote to '' where the file has no quoting`;
    return new Error(`${this.path}, line ${line}: ${why[code]}; ${mend}`, { cause });
  }
}

class Refused extends Error {}

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
