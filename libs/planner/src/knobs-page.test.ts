import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { meanings } from './knob-meanings.js';
import { knobsOf, knobsPage, sections } from './knobs-page.js';

describe('docs/knobs.md', () => {
  const knobs = sections.flatMap((section) =>
    knobsOf(section).map((knob) => ({ ...knob, section: section.title })),
  );

  it('is what npm run docs:knobs writes', () => {
    expect(readFileSync(join(__dirname, '../../../docs/knobs.md'), 'utf8')).toBe(knobsPage());
  });

  it('says what every knob of every schema means, and of no other', () => {
    expect(knobs.filter(({ meaning }) => !meaning).map(({ section, knob }) => `${section} ${knob}`)).toEqual(
      [],
    );
    const used = new Set(knobs.map(({ key }) => key));
    expect(Object.keys(meanings).filter((key) => !used.has(key))).toEqual([]);
  });

  it.each([
    ['method.rank', '| `method.rank` | a whole number from 1 to 1024 | `8` |'],
    [
      'training.optimizer.learningRate',
      '| `training.optimizer.learningRate` | a number above 0 to 100 | `0.001` |',
    ],
    ['training.clipNorm', '| `training.clipNorm` | a number above 0 or `null` | `null` |'],
    ['task.path', '| `task.path` | a text | none |'],
    ['from', '| `from` | a mapping | absent |'],
  ])('gives range and default of %s', (_knob, row) => {
    expect(knobsPage()).toContain(row);
  });
});
