import { readFileSync } from 'node:fs';
import { AskedText } from '#training/predict/asked-text.js';
import { utf8Text } from '#tasks/reading/utf8.js';
import { Failure } from './failure.js';

/** The texts of --text, or of the lines of --file: of a .jsonl file objects, of any other the text itself.
 *  Throws Failure that names the line. */
export function askedTexts({ text, file }: { text?: string[]; file?: string }): AskedText[] {
  if ((text === undefined) === (file === undefined))
    throw new Failure('expected either --text TEXT, once or several times, or --file FILE');
  if (text) return text.map((input) => ({ input }));
  const lines = linesOf(file!);
  if (lines.length === 0) throw new Failure(`${file} has no line`);
  if (!file!.endsWith('.jsonl')) return lines.map((input) => ({ input }));
  return lines.map((line, i) => parsed(line, `${file}, line ${i + 1}`));
}

function linesOf(file: string): string[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new Failure(`--file ${file} cannot be read: ${(cause as Error).message}`, [], { cause });
  }
  const lines = utf8Text(file, bytes).split(/\r?\n/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

function parsed(line: string, where: string): AskedText {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new Failure(`${where}: it is no JSON (${(cause as Error).message})`, [], { cause });
  }
  const { success, data, error } = AskedText.safeParse(value);
  if (success) return data;
  const { path, message } = error.issues[0]!;
  throw new Failure(`${where}: ${path.length ? `${path.join('.')}: ` : ''}${message}`);
}
