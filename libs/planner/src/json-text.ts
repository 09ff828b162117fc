import { GridError } from './grid-error.js';
import { atMost } from './grid-limits.js';

interface Level {
  keys: Set<string> | null; // null: a list
  at: string | number; // the key or index of what is read
}

/** Throws GridError where JSON is nested deeper than a grid can be, or where a mapping has a key twice, of
 *  which a parser would take the last. Whether it is JSON at all is the parser's to say. Takes time linear in
 *  the text. */
export function checkJsonText(text: string): void {
  const levels: Level[] = [];
  let isKey = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    const level = levels.at(-1);
    if (c === '"') {
      const end = endOfString(text, i);
      if (isKey && level?.keys) note(level, text.slice(i, end + 1), levels);
      isKey = false;
      i = end;
    } else if (c === '{' || c === '[') {
      levels.push({ keys: c === '{' ? new Set() : null, at: c === '{' ? '' : 0 });
      atMost('depth', levels.length, 'levels');
      isKey = c === '{';
    } else if (c === '}' || c === ']') {
      levels.pop();
      isKey = false;
    } else if (c === ',' && level) {
      isKey = level.keys !== null;
      if (typeof level.at === 'number') level.at++;
    }
  }
}

/** The index of the quote that ends the string beginning at `start`, or of the text's last character. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i;
  }
  return text.length - 1;
}

function note(level: Level, written: string, levels: readonly Level[]): void {
  const key = read(written);
  if (key === null) return;
  level.at = key;
  if (level.keys!.has(key))
    throw new GridError([{ path: placeOf(levels), message: `${shown(key)} stands there twice` }]);
  level.keys!.add(key);
}

function read(written: string): string | null {
  try {
    return JSON.parse(written) as string;
  } catch {
    return null;
  }
}

const shown = (key: string): string => JSON.stringify(key.length > 80 ? `${key.slice(0, 77)}…` : key);

const placeOf = (levels: readonly Level[]): string =>
  levels
    .map(({ at }) =>
      typeof at === 'number' ? `[${at}]` : /^[\w.-]{1,80}$/.test(at) ? `.${at}` : `.${shown(at)}`,
    )
    .join('')
    .slice(levels[0]?.keys ? 1 : 0);
