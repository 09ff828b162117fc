/** JSON read so that nothing of it is lost: JSON.parse keeps the last of two equal keys, and fewer digits
 *  than a long number has. */
import { atOnce } from './in-turns.js';

const token = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\]:,]/g;
const between = 4096; // tokens

/** The value. Numbers that a double can't hold become their text. Throws an Error that says where a key is
 *  twice, or a string no text. */
export const jsonValue = (text: string, where: (at: number) => string): unknown =>
  atOnce(readingJson(text, where));

/** The same, some thousand tokens at a time. `where` names a character's place in the file. */
export function* readingJson(text: string, where: (at: number) => string): Generator<void, unknown> {
  let value = parsed(text, where);
  const long: { at: number; digits: string }[] = [];
  const open: (Set<string> | null)[] = []; // keys of the objects around, null for a list
  let count = 0;
  let string = { at: 0, text: '' };
  for (const { 0: found, index: at } of text.matchAll(token)) {
    if (++count % between === 0) yield;
    if (found === '{') open.push(new Set());
    else if (found === '[') open.push(null);
    else if (found === '}' || found === ']') open.pop();
    else if (found.startsWith('"')) {
      string = { at, text: found.includes('\\') ? (JSON.parse(found) as string) : found.slice(1, -1) };
      refuseUnfit(string.text, () => where(at));
    } else if (found === ':') noteKey(open.at(-1)!, string, where);
    else if (found !== ',' && losesDigits(found)) long.push({ at, digits: found });
  }
  if (long.length) value = JSON.parse(quoted(text, long));
  return value;
}

function parsed(text: string, where: (at: number) => string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const at = /position (\d+)/.exec(String(cause))?.[1];
    const hint = /[:[,]\s*-?(?:NaN|Infinity)\b/.test(text)
      ? '; NaN and Infinity are no JSON, expected null'
      : '';
    throw new Error(`${where(Number(at ?? 0))}: not JSON${hint}`, { cause });
  }
}

function noteKey(
  keys: Set<string> | null,
  { at, text }: { at: number; text: string },
  where: (at: number) => string,
): void {
  if (keys!.has(text)) throw new Error(`${where(at)}: the key "${text}" is there twice`);
  keys!.add(text);
}

function refuseUnfit(text: string, where: () => string): void {
  if (text.includes('\0')) throw new Error(`${where()}: a string holds NUL (\\u0000); expected text`);
  if (/\p{Surrogate}/u.test(text))
    throw new Error(`${where()}: a string holds half a surrogate pair; expected text`);
}

/** Whether a double nearest to the number is another number than its digits say. */
const losesDigits = (digits: string): boolean =>
  (digits.length > 15 || /e/i.test(digits)) && exact(digits) !== exact(String(Number(digits)));

/** Significant digits and the power of ten of the last: equal for equal numbers. */
function exact(digits: string): string {
  const [, sign, whole, fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(digits) ?? [];
  if (whole === undefined) return digits; // Infinity
  const all = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = all.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(power) - fraction.length + all.length - significant.length}`;
}

function quoted(text: string, long: readonly { at: number; digits: string }[]): string {
  let from = 0;
  const pieces = long.map(({ at, digits }) => {
    const piece = `${text.slice(from, at)}"${digits}"`;
    from = at + digits.length;
    return piece;
  });
  return pieces.join('') + text.slice(from);
}
