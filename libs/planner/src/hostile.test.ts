import { parseExperiment, parseGridFile } from './parse-grid-file.js';

const head = 'name: a\nbackbone: { name: minilm-l6 }\nmethod: { name: head }\n';
const times = (n: number, text: string) => text.repeat(n);
const lines = (n: number, line: (i: number) => string) =>
  Array.from({ length: n }, (_, i) => line(i)).join('\n');

describe('a grid file made to cost its reader time', () => {
  it.each([
    ['of 70,000 keys', lines(70_000, (i) => `k${i}: ${i}`), /more than 20000 keys/],
    [
      'of 90,000 keys in a line',
      `{${lines(90_000, (i) => `k${i}: 1`).replaceAll('\n', ',')}}`,
      /more than 20000 keys/,
    ],
    ['of colons', times(300_000, 'a: '), /more than 20000 keys/],
    ['that opens 450,000 lists', times(450_000, '['), /more than 64 levels/],
    ['that opens 450,000 mappings', times(450_000, '{'), /more than 64 levels/],
    ['of 490,000 dashes in a line', `${times(490_000, '- ')}a`, /more than 64 levels in a line/],
    ['of 490,000 question marks in a line', `${times(490_000, '? ')}a`, /more than 64 levels in a line/],
    ['indented 1,300 times', lines(1300, (i) => `${times(i, ' ')}a:`), /more than 64 levels/],
    ['of 100,000 documents', times(100_000, '---\n'), /more than 202 lines that begin or end a document/],
    [
      'of 100,000 ends of documents',
      times(100_000, 'a\n...\n'),
      /more than 202 lines that begin or end a document/,
    ],
    ['of 490,000 items', `[${times(490_000, '1,')}1]`, /more than 600000 words and signs/],
    ['of 490,000 comments', times(490_000, '#\n'), /more than 600000 words and signs/],
    ['of 60,000 anchors', lines(60_000, (i) => `- &a${i} x`), /more than 1000 anchors and tags/],
    ['of 60,000 tags', lines(60_000, (i) => `- !t${i} x`), /more than 1000 anchors and tags/],
    ['of 200,000 aliases', `a: &a 1\nb: [${times(200_000, '*a,')}]`, /more than 100 aliases/],
    ['of 90,000 directives', `${times(90_000, '%YAML 1.2\n')}---\na`, /is a directive, and none is read/],
    ['of 1,000,001 characters', times(1_000_001, 'a'), /more than 1000000 characters/],
  ])('%s is refused', (_what, text, message) => {
    expect(() => parseGridFile(text)).toThrow(message);
  });

  it('is refused as JSON too', () => {
    expect(() => parseExperiment(times(2_000_000, '[') + times(2_000_000, ']'))).toThrow(
      /more than 64 levels/,
    );
    const seeds = Array.from({ length: 100_000 }, (_, i) => i);
    const rules = (n: number) =>
      JSON.stringify({
        name: 'a',
        grids: [
          { name: 'a', grid: { seed: seeds }, exclude: Array.from({ length: n }, () => ({ seed: -1 })) },
        ],
      });
    expect(() => parseExperiment(rules(20_000))).toThrow(/more than 20000 keys/);
    expect(() => parseExperiment(rules(2000))).toThrow(/more than 1000 rules/);
    expect(() => parseExperiment(rules(500))).toThrow(/more than 10000000 comparisons of cells with rules/);
  });

  it('may be long where it is honest', () => {
    const seeds = lines(90_000, (i) => String(i)).replaceAll('\n', ',');
    expect(parseGridFile(`${head}grid: { seed: [${seeds}] }`).grids[0]!.grid['seed']).toHaveLength(90_000);
    const words = Object.fromEntries(Array.from({ length: 15_000 }, (_, i) => [`label-${i}`, `w${i}`]));
    expect(parseGridFile(`${head}task: ${JSON.stringify({ labelWords: words })}`).grids).toHaveLength(1);
  });
});

describe('a key that stands twice in JSON', () => {
  const grids =
    '"grids": [{"name": "a"}, {"name": "b", "training": {"steps": 1, "batch": "\\"", "st\\u0065ps": 2}}]';
  it.each([
    ['at the top', '{"name": "a", "name": "b"}', 'name', '"name" stands there twice'],
    [
      'further in, spelt with an escape',
      `{"name": "a", ${grids}}`,
      'grids[1].training.steps',
      '"steps" stands there twice',
    ],
    [
      'with signs in it',
      '{"a": {"x y": 1, "b": [{}, "x y"], "x y": 2}}',
      'a."x y"',
      '"x y" stands there twice',
    ],
  ])('is refused %s', (_what, text, path, message) => {
    expect(issuesOf(() => parseExperiment(text))).toEqual([{ path, message }]);
  });

  it('is none where mappings, lists or texts hold it', () => {
    const grid = {
      name: 'a',
      backbone: { name: 'minilm-l6' },
      method: { name: 'head' },
      task: { name: 'name', path: '"name": "name"' },
    };
    expect(
      parseExperiment(JSON.stringify({ name: 'name', grids: [grid, { ...grid, name: 'b' }] })).grids,
    ).toHaveLength(2);
  });
});

describe('what cannot be kept', () => {
  it.each([
    ['NUL in a value', 'task: { path: "a\\0b" }', 'grids[0].task.path', /^"a\\u0000b" holds a NUL character/],
    ['NUL in a key', '"a\\0": 1', 'grids[0]."a\\u0000"', /^the key "a\\u0000" holds a NUL/],
    ['half a surrogate pair', 'x: "\\ud800"', 'grids[0].x', /^"\\ud800" holds half of a surrogate pair/],
    ['__proto__', '__proto__: 1', 'grids[0].__proto__', /"__proto__" is no such knob/],
    [
      '__proto__ in an axis',
      'grid: { method.__proto__.x: [1] }',
      'grids[0].grid.method.__proto__.x',
      /is no such knob/,
    ],
    ['constructor', 'task: { constructor: 1 }', 'grids[0].task.constructor', /"constructor" is no such knob/],
    [
      'prototype in a rule',
      'exclude: [{ a.prototype: 1 }]',
      'grids[0].exclude[0].a.prototype',
      /is no such knob/,
    ],
    ['no number', 'x: .nan', 'grids[0].x', /^NaN is no number that can be kept/],
    ['bytes', 'x: !!binary aGk=', 'grids[0].x', /^is a Buffer; expected text/],
    ['a set', 'x: !!set { a }', 'grids[0].x', /^is a Set/],
    ['a time', 'x: !!timestamp 2020-01-01', 'grids[0].x', /^is a Date/],
    ['a tag that nobody knows', 'x: !!js/function "a"', 'line 4, column 4', /^Unresolved tag/],
    ['a key twice', 'name: b', 'line 4, column 1', /^"name" stands there twice/],
    ['a list as a key', '? [a]\n: 1', 'line 4, column 3', /^a key is a list; expected a name/],
  ])('%s is refused by its place', (_what, more, path, message) => {
    const error = thrown(() => parseGridFile(`${head}${more}\n`)) as {
      issues: { path: string; message: string }[];
    };
    expect(error.issues).toEqual([{ path, message: expect.stringMatching(message) as string }]);
  });

  it.each(['\u001b[31mRED', 'two\nlines', 'bell\u0007', 'turned \u202e round', 'c1 \u009b'])(
    'a name with a control character is refused: %j',
    (name) => {
      const request = JSON.stringify({ name, grids: [{ name: 'a' }] });
      expect(() => parseExperiment(request)).toThrow(/^name: .*expected no control characters/);
    },
  );
});

function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

function issuesOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return (error as { issues: unknown }).issues;
  }
}
