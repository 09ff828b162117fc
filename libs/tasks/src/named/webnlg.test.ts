import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Task } from '#contracts/task.js';
import { scoresOf } from '../dataset.js';
import { ofKind } from '../fixtures/answers.js';
import { loadTask } from '../load-task.js';

const home = mkdtempSync(join(tmpdir(), 'webnlg-'));
afterAll(() => rmSync(home, { recursive: true }));

interface Entry {
  category?: string;
  triples: readonly string[];
  texts: readonly (readonly [text: string, comment?: string])[];
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** The XML of entries, as the release has it. */
function xmlOf(entries: readonly Entry[]): string {
  const written = entries.map(
    (
      { category = 'Food', triples, texts },
      i,
    ) => `    <entry category="${category}" eid="Id${i + 1}" size="${triples.length}">
      <originaltripleset>
        <otriple>an original | is not | read</otriple>
      </originaltripleset>
      <modifiedtripleset>
${triples.map((triple) => `        <mtriple>${escaped(triple)}</mtriple>`).join('\n')}
      </modifiedtripleset>
${texts.map(([text, comment = 'good'], n) => `      <lex comment="${comment}" lid="Id${n + 1}">${escaped(text)}</lex>`).join('\n')}
    </entry>`,
  );
  return `<?xml version="1.0"?>\n<benchmark>\n  <entries>\n${written.join('\n')}\n  </entries>\n</benchmark>\n`;
}

const simple = (name: string, category = 'Food'): Entry => ({
  category,
  triples: [`${name} | country | Italy`],
  texts: [[`${name} is from Italy.`]],
});

let folders = 0;

/** A folder with these files besides those that every release has. */
function release(files: Record<string, string>): string {
  const folder = join(home, `release-${folders++}`);
  const usual = {
    'train/1triples/food.xml': xmlOf([simple('Pesto')]),
    'dev/1triples/food.xml': xmlOf([simple('Pizza')]),
    'test/testdata_with_lex.xml': xmlOf([simple('Pasta')]),
  };
  for (const [name, text] of Object.entries({ ...usual, ...files })) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const load = (path: string, more: object = {}) =>
  ofKind('text', loadTask(Task.parse({ name: 'webnlg', path, ...more })));

describe('WebNLG', () => {
  it('trains on each good text of every file, and scores entries with all their texts', () => {
    const entry: Entry = {
      triples: ['Bacon_sandwich | country | UK', 'UK | "money" | a & b <c>'],
      texts: [['First & best.'], ['Second.', 'toFix'], ['Third.']],
    };
    const path = release({
      'train/2triples/a.xml': xmlOf([simple('Rice'), entry]),
      'train/2triples/notes.txt': 'no XML',
      'test/testdata_with_lex.xml': xmlOf([entry]),
    });
    const { train, test } = load(path);
    const input = 'Bacon_sandwich : country : UK | UK : "money" : a & b <c>';
    const texts = train.map((example) => [example.input[0], example.answer.references]).toSorted();
    expect(texts).toEqual([
      [input, ['First & best.']],
      [input, ['Third.']],
      ['Pesto : country : Italy', ['Pesto is from Italy.']],
      ['Rice : country : Italy', ['Rice is from Italy.']],
    ]);
    expect(test.map((example) => [example.input[0], example.answer.references])).toEqual([
      [input, ['First & best.', 'Second.', 'Third.']],
    ]);
  });

  it('tells seen and unseen categories apart, where a split has both', () => {
    const path = release({
      'test/testdata_with_lex.xml': xmlOf([simple('Pasta'), simple('Ada', 'Astronaut')]),
    });
    const dataset = load(path, { metrics: ['loss', 'bleu'] });
    const likelihoods = dataset.test.map(() => ({ nats: 2, tokens: 1, bytes: 1 }));
    const said = dataset.test.map(({ group, answer }) => ({
      text: group === 'seen' ? answer.references[0]! : 'no',
    }));
    const scores = scoresOf(dataset, 'test', { said, likelihoods });
    expect(scores).toEqual({
      loss: 2,
      bleu: expect.any(Number) as number,
      'seen/bleu': expect.closeTo(100, 9) as number,
      'unseen/bleu': 0,
    });
    const ofValidation = scoresOf(dataset, 'validation', {
      said: [{ text: 'Pizza' }],
      likelihoods: likelihoods.slice(1),
    });
    expect(Object.keys(ofValidation)).toEqual(['loss', 'bleu', 'seen/bleu']);
  });

  it.each([
    [
      'XML that is broken',
      '<benchmark>\n<entries>\n<entry></entries></benchmark>',
      /bad.xml, line 3: .*expected XML of WebNLG/,
    ],
    ['another XML', '<html></html>', /bad.xml: no entry in benchmark\/entries/],
    [
      'a triple of two',
      xmlOf([simple('Rice'), { ...simple('x'), triples: ['Rice | Italy'] }]),
      /bad.xml, line 13: the triple "Rice | Italy"; expected subject \| property \| object/,
    ],
    [
      'an entry without triples',
      xmlOf([{ triples: [], texts: [['A.']] }]),
      /line 4: the entry has no mtriple/,
    ],
    [
      'an entry without a text',
      xmlOf([{ ...simple('x'), texts: [[' ']] }]),
      /line 4: the entry has no text in a lex/,
    ],
  ])('refuses %s', (_what, xml, message) => {
    expect(() => load(release({ 'train/1triples/bad.xml': xml }))).toThrow(message);
  });

  it('says what a folder lacks', () => {
    expect(() => load(join(home, 'nowhere'))).toThrow(/task.path: webnlg needs .*nowhere\/train\/\*\/\*.xml/);
  });
});
