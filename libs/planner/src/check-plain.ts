import { type GridIssue, GridError } from './grid-error.js';
import { gridLimits } from './grid-limits.js';

const reserved = new Set(['__proto__', 'constructor', 'prototype']);
const mostIssues = 100;

/** Throws GridError where a value is not plain data that every later reader can hold: Postgres takes no NUL
 *  and no half of a surrogate pair, and some keys mean something else to JavaScript. Names each by its place.
 */
export function checkPlain(value: unknown): void {
  const issues: GridIssue[] = [];
  let keys = 0;
  const note = (path: string, message: string) => {
    issues.push({ path, message });
    if (issues.length >= mostIssues) throw new GridError(issues);
  };
  const look = (at: unknown, path: string, depth: number, counts: boolean): void => {
    if (depth > gridLimits.depth)
      throw new GridError([
        { path: shortened(path), message: `is nested deeper than ${gridLimits.depth} levels; a grid is not` },
      ]);
    if (typeof at === 'string') {
      const wrong = textFault(at);
      if (wrong) note(path, `${shortened(JSON.stringify(at))} ${wrong}`);
    } else if (typeof at === 'number') {
      if (!Number.isFinite(at)) note(path, `${at} is no number that can be kept; expected a finite one`);
    } else if (Array.isArray(at)) at.forEach((item, i) => look(item, `${path}[${i}]`, depth + 1, counts));
    else if (typeof at === 'object' && at !== null) {
      if (![Object.prototype, null].includes(Object.getPrototypeOf(at) as null))
        return note(
          path,
          `is a ${at.constructor.name}; expected text, a number, true, false, null, a list or a mapping`,
        );
      for (const [key, inner] of Object.entries(at)) {
        if (counts && ++keys > gridLimits.keys)
          throw new GridError([
            { path: '', message: `more than ${gridLimits.keys} keys; a grid file has at most as many` },
          ]);
        const place = `${path}${path && '.'}${/^[\p{L}\p{N}_. -]+$/u.test(key) ? key : JSON.stringify(key)}`;
        const wrong =
          textFault(key) ??
          (key.split('.').some((part) => reserved.has(part)) ? 'is no such knob: no key is named so' : null);
        if (wrong) note(shortened(place), `the key ${shortened(JSON.stringify(key))} ${wrong}`);
        // clients write those, not people
        else look(inner, place, depth + 1, counts && !(depth === 0 && key === 'inputs'));
      }
    } else if (at !== null && !['boolean', 'undefined'].includes(typeof at))
      note(path, `is a ${typeof at}; expected plain data`);
  };
  look(value, '', 0, true);
  if (issues.length) throw new GridError(issues);
}

function textFault(text: string): string | null {
  if (text.includes('\0')) return 'holds a NUL character, which cannot be kept; expected text without it';
  return /\p{Surrogate}/u.test(text) ? 'holds half of a surrogate pair; expected well-formed Unicode' : null;
}

const shortened = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}…` : text);
