import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonValue } from './json-value.js';
import { type Quote, readRecords, readRecordsInTurns } from './read-records.js';

const folder = mkdtempSync(join(tmpdir(), 'reading-'));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, content: string | Buffer): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const fieldsOf = (path: string, quote: Quote = null) => readRecords(path, quote).map((r) => r.fields);

/** Read at once and in turns alike, refused alike. */
async function refusal(path: string): Promise<string> {
  const [atOnce, inTurns] = [() => readRecords(path), () => readRecordsInTurns(path)];
  const message = (await inTurns().catch((e: Error) => e)) as Error;
  expect(atOnce).toThrow(message.message);
  return message.message.replace(`${folder}/`, '');
}

describe('rows of a file', () => {
  it('are parted by LF, CRLF or CR, whatever came first', async () => {
    const path = write(
      'mixed.csv',
      'text,label\na,bad\nb,good\r\nc,bad\rd,good\r\n\r\n\ne,"x\r\ny"\r\nf,bad',
    );
    const rows = readRecords(path);
    expect(rows.map((r) => r.fields['label'])).toEqual(['bad', 'good', 'bad', 'good', 'x\r\ny', 'bad']);
    expect(rows.map((r) => r.line)).toEqual([2, 3, 4, 5, 8, 10]); // as an editor counts them
    expect(await readRecordsInTurns(path)).toEqual(rows);
    const lines = write('mixed.jsonl', '{"a":1}\n{"a":2}\r\n{"a":3}\r{"a":4}');
    expect(fieldsOf(lines)).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }, { a: 4 }]);
  });

  it('across the pieces of a large file', async () => {
    const rows = Array.from({ length: 6_000 }, (_, i) => `row ${i},"a\r${'x'.repeat(i % 7)}"`);
    for (const end of ['\n', '\r\n', '\r']) {
      const path = write('large.csv', ['text,label', ...rows].join(end));
      expect(await readRecordsInTurns(path)).toEqual(readRecords(path));
      expect(readRecords(path)).toHaveLength(6_000);
      expect(readRecords(path).at(-1)!.line).toBe(12_000);
    }
  });

  it('of a .tsv have no quoting unless asked for, of a .csv they have', () => {
    const tsv = write('a.tsv', 'text\tlabel\n"one\tbad\ntwo" "2"\tgood\n');
    expect(fieldsOf(tsv)).toEqual([
      { text: '"one', label: 'bad' },
      { text: 'two" "2"', label: 'good' },
    ]);
    const quoted = write('b.TSV', 'text\tlabel\n"one\tone"\tbad\n"say ""x"""\tgood\n');
    expect(fieldsOf(quoted, '"').map((f) => f['text'])).toEqual(['one\tone', 'say "x"']);
    const csv = write('c.csv', 'text,label\n"a, b",bad\n');
    expect(fieldsOf(csv)).toEqual([{ text: 'a, b', label: 'bad' }]);
    expect(fieldsOf(write('d.csv', "text,label\n'a, \"b',bad\n"), "'")[0]!['text']).toBe('a, "b');
    expect(fieldsOf(write('e.csv', 'text,label\n5" nail,bad\n'), '')[0]!['text']).toBe('5" nail');
  });

  it('begin behind a byte order mark', () => {
    for (const [name, text] of [
      ['bom.jsonl', '{"text":"a"}'],
      ['bom.csv', 'text\na'],
      ['bom.json', '[{"text":"a"}]'],
    ] as const)
      // prettier-ignore
      expect(fieldsOf(write(name, `\ufeff${text}`))).toEqual([{ text: 'a' }]);
  });

  it('are the objects of a JSON array', () => {
    const path = write('array.json', '[\n  {"a": "x"},\n  {"a": "y"}\n]');
    expect(readRecords(path)).toEqual([
      { line: 1, fields: { a: 'x' } },
      { line: 2, fields: { a: 'y' } },
    ]);
  });

  it('keep the digits of numbers that a double has not', () => {
    const path = write(
      'numbers.jsonl',
      '{"id": 12345678901234567890, "p": [0.1234567890123456789, 1e400], "n": 1.50, "m": 100000000000000000000}',
    );
    expect(fieldsOf(path)[0]).toEqual({
      id: '12345678901234567890',
      p: ['0.1234567890123456789', '1e400'],
      n: 1.5,
      m: 1e20,
    });
  });

  it('leave out a column without a name', () => {
    expect(fieldsOf(write('pandas.csv', ',text,label\n0,a,x\n'))).toEqual([{ text: 'a', label: 'x' }]);
  });

  it.each<[string, string, string | Buffer, RegExp]>([
    [
      'Latin-1',
      'latin1.csv',
      Buffer.from('text,label\nd\u00e9j\u00e0,bad\n', 'latin1'),
      /^latin1.csv, line 2: byte 12 \(0xe9\) is not UTF-8/,
    ],
    [
      'a byte that breaks off',
      'cut.csv',
      Buffer.from([0x61, 0x0a, 0xef, 0xbf, 0xbd, 0x0a, 0xc3]),
      /^cut.csv, line 3: byte 6 \(0xc3\) is not UTF-8/,
    ],
    [
      'UTF-16',
      'wide.csv',
      Buffer.from('\ufefftext,label\n', 'utf16le'),
      /^wide.csv is text in UTF-16; expected plain text in UTF-8/,
    ],
    ['gzip by content', 'packed.csv', Buffer.from([0x1f, 0x8b, 8, 0]), /^packed.csv is gzip/],
    [
      'what is called gzip and is none',
      'packed.jsonl.gz',
      'x',
      /^packed.jsonl.gz can not be unpacked as gzip/,
    ],
    [
      'an unknown ending',
      'rows.txt',
      'a,b\n1,2\n',
      /^rows.txt ends in .txt; expected .csv, .tsv, .jsonl, .ndjson, .json/,
    ],
    ['no ending', 'rows', 'a,b\n1,2\n', /^rows has no ending; expected .csv/],
    ['NUL', 'nul.csv', 'text,label\na\0,b\n', /^nul.csv, line 2: byte 12 is NUL/],
    [
      'a column twice',
      'twice.csv',
      'text,label,label\na,b,c\n',
      /^twice.csv: the column "label" is there twice \(columns 2 and 3\)/,
    ],
    [
      'a row too wide',
      'wide-row.csv',
      'a,b\n1,2\r1,2,3\n',
      /^wide-row.csv, line 3: 3 columns, and the header has 2/,
    ],
    ['a row too narrow', 'narrow.tsv', 'a\tb\n1\n', /^narrow.tsv, line 2: 1 column, and the header has 2/],
    [
      'a quote that never closes',
      'open.csv',
      'a,b\n1,2\n"3,4\n5,6\n',
      /^open.csv, line 3: a quote \("\) opens .* never closes; .*task.quote/,
    ],
    [
      'a quote within',
      'within.csv',
      'a,b\n5" nail,2\n',
      /^within.csv, line 2: a quote \("\) stands within a value/,
    ],
    [
      'text behind a quote',
      'behind.csv',
      'a,b\n1,2\n"x"y,2\n',
      /^behind.csv, line 3: something follows a closing quote/,
    ],
    [
      'JSON lines in a .json',
      'lines.json',
      '{"a":1}\n{"a":2}\n',
      /^lines.json, line \d: not JSON; expected a JSON array of objects; JSON lines are called .jsonl/,
    ],
    [
      'an object in a .json',
      'object.json',
      '{"rows": []}',
      /^object.json: an object; expected a JSON array of objects/,
    ],
    [
      'an item that is no object',
      'items.json',
      '[{"a": 1}, 2]',
      /^items.json, item 2: a number; expected an object/,
    ],
    [
      'an array in a .jsonl',
      'array.jsonl',
      '[{"a": 1}]',
      /^array.jsonl, line 1: an array; expected an object; .* is called .json/,
    ],
    [
      'a row that is no object',
      'text.jsonl',
      '{"a": 1}\n"b"\n',
      /^text.jsonl, line 2: a string; expected an object/,
    ],
    [
      'a key twice',
      'keys.jsonl',
      '{"a": 1}\n{"a": {"b": 1, "\\u0062": 2}}\n',
      /^keys.jsonl, line 2: the key "b" is there twice/,
    ],
    [
      'a key twice in an array',
      'keys.json',
      '[{"a": 1},\n{"b": 1, "b": 1}]',
      /^keys.json, line 2: the key "b" is there twice/,
    ],
    [
      'half a surrogate pair',
      'half.jsonl',
      '{"a": "\\ud83d"}',
      /^half.jsonl, line 1: a string holds half a surrogate pair/,
    ],
    ['an escaped NUL', 'nul.jsonl', '{"a": "x\\u0000"}', /^nul.jsonl, line 1: a string holds NUL/],
    ['NaN', 'nan.jsonl', '{"a": NaN}', /^nan.jsonl, line 1: not JSON; NaN and Infinity are no JSON/],
    ['an empty array', 'empty.json', '[]', /^the data file empty.json has no rows/],
  ])('are refused of %s', async (_what, name, content, message) => {
    expect(await refusal(write(name, content))).toMatch(message);
  });
});

describe('JSON', () => {
  it('is what JSON.parse makes of it', () => {
    for (const text of [
      '[]',
      '{"a":{"a":[1,{"a":null}]},"b":"\\"{\\\\","":-0.5e-3}',
      '"\\\\ud800"',
      '[0,-0,1E5,123456789012345]',
    ])
      expect(jsonValue(text, String)).toEqual(JSON.parse(text));
  });
});
