import { corpusDocuments } from './corpus.js';
import { nounSynsets } from './wordnet.js';
import { supersenseSplit } from '../named/wordnet-supersense.js';

describe('corpusDocuments', () => {
  const documents = corpusDocuments({ sources: ['wordnet'] });

  it('says of a noun what it is and what kind of thing', () => {
    expect(documents.length).toBeGreaterThan(140_000);
    expect(documents.includes('a very small spaniel. what is it? it is an animal: toy dog, dog.')).toBe(true);
  });

  it('holds no definition of a validation or test synset', () => {
    const text = documents.join('\n');
    const trained = new Set<string>();
    const held: string[] = [];
    for (const s of nounSynsets()) {
      const split = supersenseSplit(s);
      if (split === 'validation' || split === 'test') held.push(s.gloss);
      else trained.add(s.gloss);
    }
    // Some definitions serve several synsets; those that no other synset has must not be there. A sample keeps this quick.
    const own = held.filter((gloss, i) => i % 40 === 0 && gloss.length > 40 && !trained.has(gloss));
    expect(own.length).toBeGreaterThan(100);
    expect(own.filter((gloss) => text.includes(gloss))).toEqual([]);
  });

  it('reads public-domain prose in pieces', () => {
    const prose = corpusDocuments({ sources: ['sotu', 'moby-dick'] });
    expect(prose.length).toBeGreaterThan(15_000);
    expect(prose.some((p) => p.includes('Call me Ishmael'))).toBe(true);
  });

  it('says which file it misses', () => {
    expect(() => corpusDocuments({ sources: [{ path: '/nowhere.txt' }] })).toThrow('/nowhere.txt does not exist');
  });
});
