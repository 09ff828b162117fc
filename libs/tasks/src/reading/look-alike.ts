/** What a file looks like, where its task expects something else. */
import type { DataRecord } from './data-record.js';

/** What rows of such fields are, and the knob that reads them so. */
interface Look {
  is: string; // "SQuAD"
  use: string; // "task.kind: span"
  also?: string; // another way to read them
}

const questions = { use: 'task.kind: span', also: 'task.kind: text' };

const isList = (value: unknown): boolean => Array.isArray(value);
const hasAll = (fields: object, ...names: string[]): boolean =>
  names.every((name) => Object.hasOwn(fields, name));

/** In the order in which they are tried: the first one names the file. */
const looks: readonly [Look, (fields: Record<string, unknown>) => boolean][] = [
  [{ is: 'SQuAD', ...questions }, (f) => isList(f['paragraphs'])],
  [{ is: 'MRQA', ...questions }, (f) => hasAll(f, 'context') && isList(f['qas'])],
  [{ is: 'SQuAD', ...questions }, (f) => hasAll(f, 'context', 'question', 'answers')],
  [{ is: 'DART', use: 'task.name: dart' }, (f) => hasAll(f, 'tripleset', 'annotations')],
  [{ is: 'E2E', use: 'task.name: e2e' }, (f) => hasAll(f, 'mr', 'ref')],
  [{ is: 'Restaurant8k', use: 'task.name: restaurant8k' }, (f) => hasAll(f, 'userInput')],
  [
    { is: 'rows of tagged words', use: 'task.name: tagging' },
    (f) =>
      isList(f['tokens']) && Object.keys(f).some((name) => /tags$|^labels$/.test(name) && isList(f[name])),
  ],
  [
    { is: 'LAMA', use: 'task.kind: cloze' },
    (f) => hasAll(f, 'masked_sentences') || Object.values(f).some(hasMask),
  ],
  [
    { is: 'rows of choices', use: 'task.kind: choice' },
    (f) =>
      hasAll(f, 'choice1', 'choice2') || ['choices', 'options', 'endings'].some((name) => isList(f[name])),
  ],
  [
    { is: 'rows of texts to write', use: 'task.kind: text' },
    (f) =>
      ['references', 'targets'].some((name) => hasAll(f, name)) ||
      ['reference', 'target', 'summary'].some((name) => typeof f[name] === 'string'),
  ],
];

const hasMask = (value: unknown): boolean => typeof value === 'string' && /\[MASK\]|<mask>/.test(value);

/** "; FILE looks like SQuAD: use task.kind: span", of the first row's fields; '' where they look like nothing
 *  known, or like what is read already. */
export function lookOf(path: string, records: readonly DataRecord[], read: string): string {
  const fields = records.find((record) => !('header' in record.fields))?.fields;
  const look = fields && looks.find(([, is]) => is(fields))?.[0];
  return look && look.use !== read && look.also !== read
    ? `; ${path} looks like ${look.is}: use ${look.use}`
    : '';
}

const read = 4096; // bytes that tell what a text is
const tag = /^([A-Z][A-Z0-9_:$-]*|[BIES]-\S+|[.,:()$#`']+|\([^\s()]+\*\)?|\*\)?)$/;

/** The same of a file that no ending tells: plain text, or columns of words and tags. */
export function lookOfText(path: string, content: Buffer): string {
  const start = content.subarray(0, read);
  if (start.includes(0)) return '';
  const lines = start
    .toString()
    .split(/\r?\n/)
    .slice(0, content.length > read ? -1 : undefined);
  const rows = lines.filter((line) => line.trim() !== '').map((line) => line.trim().split(/\s+/));
  if (rows.length === 0) return '';
  const width = rows[0]!.length;
  const isColumns = width > 1 && rows.every((row) => row.length === width && tag.test(row.at(-1)!));
  return isColumns
    ? `; ${path} looks like CoNLL columns: use task.name: tagging`
    : `; ${path} looks like plain text: use task.kind: language`;
}
