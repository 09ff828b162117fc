import { adaptation, lengthAndInit } from './fixtures/grids.js';
import { parseGridFile } from './parse-grid-file.js';

describe('parseGridFile', () => {
  it('reads several documents as grids of one experiment, and JSON as well', () => {
    const { name, grids } = parseGridFile(`${lengthAndInit}---\n${adaptation}`, 'both');
    expect([name, grids.map((g) => g.name)]).toEqual(['both', ['prompt-length-and-init', 'lm-adaptation']]);
    expect(parseGridFile('{"name": "j", "grid": {"seed": [1]}}').grids[0]).toMatchObject({
      name: 'j',
      grid: { seed: [1] },
    });
  });

  it.each([
    ['broken YAML', 'name: a\ngrid: { seed: [1', /line 2, column \d+: /],
    ['an empty file', '# nothing\n', /grids: .*>=1|empty/],
    ['a grid without a name', 'grid: { seed: [1] }', /grids\[0\].name/],
    ['an axis without values', 'name: a\ngrid: { seed: [] }', /grids\[0\].grid.seed/],
    ['a list', '- a\n- b', /grids\[0\]/],
    [
      'a bomb of aliases',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
        .split('')
        .map((k, i) => `${k}: &${k} [${Array(9).fill(`*${'abcdefgh'[i]}`).join()}]`)
        .join('\n')}`,
      /alias/i,
    ],
  ])('refuses %s', (_what, text, message) => {
    expect(() => parseGridFile(text)).toThrow(message);
  });
});
