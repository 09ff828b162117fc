import { place } from '../reading/split.js';
import { nounSynsets, type Synset } from './wordnet.js';
import { supersenseSplit } from '../named/wordnet-supersense.js';

// So general that nearly everything is one: saying so teaches nothing.
const vague = new Set(
  'entity;physical entity;abstraction;object;whole;thing;matter;psychological feature;causal agent;living thing;organism;event;part;unit;measure'.split(
    ';',
  ),
);

type Sentence = (s: Described) => string;

interface Described {
  word: string;
  gloss: string;
  near: string[]; // what it is a kind of, nearest first, at most two
  general: string; // the most general kind that still says something
}

/** Ways to say what a thing is. Those that begin with the definition let a language model go on to the kind
 *  of thing. */
const definitionFirst: Sentence[] = [
  (s) => `${s.gloss}. what is it? it is ${article(s.general)}: ${s.near.join(', ')}.`,
  (s) => `definition: ${s.gloss}. kind: ${[s.general, ...s.near.toReversed()].join(', ')}. word: ${s.word}.`,
  (s) => `${s.gloss}; this describes ${article(s.general)}, a kind of ${s.near[0]!}.`,
];
const wordFirst: Sentence[] = [
  (s) => `${s.word} is ${s.gloss}. it is a kind of ${s.near.join(' and ')}, and so ${article(s.general)}.`,
  (s) => `${s.word}: ${s.gloss}. like every ${s.near[0]!}, it is ${article(s.general)}.`,
  (s) => `${article(s.near[0]!)} called ${s.word}: ${s.gloss}. in general: ${s.general}.`,
];

/** Every noun synset as two short texts that say what it is and what it is a kind of, by WordNet's own
 *  hypernyms. Synsets in the validation and test splits of wordnet-supersense are left out whole. */
export function wordnetDocuments(): string[] {
  const byId = new Map(nounSynsets().map((s) => [s.id, s]));
  return nounSynsets().flatMap((synset) => {
    const split = supersenseSplit(synset);
    if (split === 'validation' || split === 'test') return [];
    const kinds = hypernymPath(synset, byId).filter((k) => !vague.has(k));
    if (kinds.length === 0 || !synset.gloss) return [];
    const described = {
      word: synset.words[0]!,
      gloss: synset.gloss,
      near: kinds.slice(0, 2),
      general: kinds.at(-1)!,
    };
    const at = (ways: Sentence[], salt: string) => ways[Math.floor(place(synset.id, salt) * ways.length)]!;
    return [at(definitionFirst, 'definition first')(described), at(wordFirst, 'word first')(described)];
  });
}

/** First words of the hypernyms, nearest first, following the first of several. */
function hypernymPath(synset: Synset, byId: ReadonlyMap<string, Synset>): string[] {
  const path: string[] = [];
  for (let s = byId.get(synset.hypernyms[0] ?? ''); s && path.length < 20; s = byId.get(s.hypernyms[0] ?? ''))
    path.push(s.words[0]!);
  return path;
}

const article = (noun: string): string => `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`;
