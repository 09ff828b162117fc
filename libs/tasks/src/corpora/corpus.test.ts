import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrialConfig } from '#contracts/trial.js';
import { corpusDocuments } from './corpus.js';
import { dataIssues } from '../check/data-issues.js';
import { nounSynsets } from './wordnet.js';
import { supersenseSplit } from '../named/wordnet-supersense.js';

const folder = mkdtempSync(join(tmpdir(), 'corpus-'));
afterAll(() => rmSync(folder, { recursive: true }));

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
    // Some definitions serve several synsets; those that no other synset has must not be there. A sample
    // keeps this quick.
    const own = held.filter((gloss, i) => i % 40 === 0 && gloss.length > 40 && !trained.has(gloss));
    expect(own.length).toBeGreaterThan(100);
    expect(own.filter((gloss) => text.includes(gloss))).toEqual([]);
  });

  it('reads public-domain prose in pieces', () => {
    const prose = corpusDocuments({ sources: ['sotu', 'moby-dick'] });
    expect(prose.length).toBeGreaterThan(15_000);
    expect(prose.some((p) => p.includes('Call me Ishmael'))).toBe(true);
  });

  it('reads lines whatever ends them, and refuses what is no UTF-8, in a plan already', async () => {
    const [path, other] = ['good.txt', 'latin1.txt'].map((name) => join(folder, name)) as [string, string];
    writeFileSync(path, '\ufeffone\r\ntwo\n \nthree\rfour');
    writeFileSync(other, Buffer.from('one\ncaf\u00e9\n', 'latin1'));
    expect(corpusDocuments({ sources: [{ path }] })).toEqual(['one', 'two', 'three', 'four']);
    const message = `${other}, line 2: byte 7 (0xe9) is not UTF-8; save the file as UTF-8`;
    expect(() => corpusDocuments({ sources: [{ path: other }] })).toThrow(message);
    const config = TrialConfig.parse({
      stage: 'tune',
      backbone: { name: 't5-nano', adapt: { steps: 1, corpus: { sources: [{ path }, { path: other }] } } },
      task: { name: 'wordnet-supersense' },
      method: { name: 'full' },
    });
    const { refusals } = await dataIssues([{ grid: 'g', config }], { elsewhere: false, largest: 1e6 });
    expect(refusals).toMatchObject([{ knob: 'backbone.adapt.corpus.sources[1].path', message }]);
  });

  it('says which file it misses', () => {
    expect(() => corpusDocuments({ sources: [{ path: '/nowhere.txt' }] })).toThrow(
      '/nowhere.txt does not exist',
    );
  });
});
