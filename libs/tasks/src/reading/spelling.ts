/** Labels that a reader takes for one and a program for several. */

/** A label and the place of its first row ("FILE, line 3"). */
export interface Spelled {
  label: string;
  place: string;
}

/** Throws where two labels differ in blanks or Unicode form only, or as numbers not at all (1 and 1.0); gives
 *  warnings of those that differ in case. */
export function sameLabels(found: readonly Spelled[], what = 'label'): string[] {
  refusePair(found, composed, `the ${what}s differ in Unicode form only`);
  refusePair(found, blanksAway, `the ${what}s differ in blanks only`);
  refusePair(found, asNumber, `the ${what}s are one number`);
  return pairs(found, (label) => composed(label).toLowerCase()).map(
    ([a, b]) => `${both(a, b)}: the ${what}s differ in case only`,
  );
}

const composed = (label: string): string => label.normalize('NFKC');
const blanksAway = (label: string): string =>
  label
    .normalize('NFC')
    .replaceAll(/[\s\u200b\ufeff]+/g, ' ')
    .trim();
const asNumber = (label: string): string =>
  /^-?\d+(?:\.\d+)?$/.test(label) ? `number ${Number(label)}` : label;

function refusePair(found: readonly Spelled[], seen: (label: string) => string, why: string): void {
  const [pair] = pairs(found, seen);
  if (pair) throw new Error(`${both(...pair)}: ${why}; expected one spelling`);
}

function pairs(found: readonly Spelled[], seen: (label: string) => string): [Spelled, Spelled][] {
  const met = new Map<string, Spelled>();
  return found.flatMap((own): [Spelled, Spelled][] => {
    const key = seen(own.label);
    const other = met.get(key);
    met.set(key, other ?? own);
    return other ? [[other, own]] : [];
  });
}

const both = (a: Spelled, b: Spelled): string =>
  `${JSON.stringify(a.label)} at ${a.place} and ${JSON.stringify(b.label)} at ${b.place}`;

const mostNumbers = 20; // different ones that may still be classes

/** Throws where labels are measured numbers and no classes; a warning where they might be. */
export function numberedLabels(found: readonly Spelled[], column: string): string[] {
  const isNumber = ({ label }: Spelled) => /^-?\d*\.?\d+(?:e[+-]?\d+)?$/i.test(label);
  const fraction = found.find((own) => isNumber(own) && !Number.isInteger(Number(own.label)));
  if (!fraction || !found.every(isNumber)) return [];
  const said = `${fraction.place}: the label ${fraction.label} in column "${column}" is no whole number; there are ${found.length} different ones`;
  if (found.length > mostNumbers) throw new Error(`${said}; expected classes`);
  return [`${said}, each taken for a class`];
}
