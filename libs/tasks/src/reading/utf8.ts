/** Files are text in UTF-8, or they are refused: a guess would train on other words than the file has. */
import { isUtf8 } from 'node:buffer';

const kinds: [name: string, begins: number[]][] = [
  ['gzip', [0x1f, 0x8b]],
  ['a zip archive, as .xlsx is', [0x50, 0x4b, 0x03, 0x04]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['Parquet', [0x50, 0x41, 0x52, 0x31]],
  ['text in UTF-16', [0xff, 0xfe]],
  ['text in UTF-16', [0xfe, 0xff]],
];

/** A file's bytes without a byte order mark. Throws an Error that names the line and the byte where it is no
 *  text in UTF-8. */
export function utf8Bytes(path: string, bytes: Buffer): Buffer {
  const kind = kinds.find(([, begins]) => begins.every((byte, i) => bytes[i] === byte));
  if (kind) throw new Error(`${path} is ${kind[0]}; expected plain text in UTF-8`);
  if (!isUtf8(bytes)) {
    const at = firstInvalid(bytes);
    throw new Error(
      `${path}, ${placeOf(bytes, at)} (0x${bytes[at]!.toString(16)}) is not UTF-8; save the file as UTF-8`,
    );
  }
  const nul = bytes.indexOf(0);
  if (nul >= 0) throw new Error(`${path}, ${placeOf(bytes, nul)} is NUL; expected plain text`);
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/** A file's text, without a byte order mark. Throws as utf8Bytes does. */
export const utf8Text = (path: string, bytes: Buffer): string => utf8Bytes(path, bytes).toString();

/** Lines end at LF, CRLF or a lone CR, whatever the file's other lines do. */
export const lineEnd = /\r\n|\n|\r/;

const placeOf = (bytes: Buffer, at: number): string => `line ${linesIn(bytes, 0, at) + 1}: byte ${at}`;

/** Line ends in bytes [from, to). */
export function linesIn(bytes: Buffer, from: number, to: number): number {
  let ends = 0;
  for (let i = from; i < to; i++)
    if (bytes[i] === 0x0a || (bytes[i] === 0x0d && bytes[i + 1] !== 0x0a)) ends++;
  return ends;
}

/** A decoder puts U+FFFD where bytes are invalid; the first that the bytes do not have themselves is the
 *  place. */
function firstInvalid(bytes: Buffer): number {
  const text = bytes.toString();
  let [at, from] = [0, 0];
  for (;;) {
    const next = text.indexOf('\ufffd', from);
    at += Buffer.byteLength(text.slice(from, next));
    if (bytes[at] !== 0xef || bytes[at + 1] !== 0xbf || bytes[at + 2] !== 0xbd) return at;
    at += 3;
    from = next + 1;
  }
}
