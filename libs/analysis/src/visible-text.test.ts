import { visibleLine, visibleLines } from './visible-text.js';

describe('visible text', () => {
  it.each([
    ['\u001B[31mred', '\\u001b[31mred'],
    ['\u009B31m', '\\u009b31m'], // the same as one C1 character
    ['a\rb\u0008', 'a\\u000db\\u0008'],
    ['\u001B]0;title\u0007', '\\u001b]0;title\\u0007'],
    ['safe\u202Etxt.exe', 'safe\\u202etxt.exe'],
    ['a\u2066b\u2069', 'a\\u2066b\\u2069'],
    ['tab\t', 'tab\\u0009'],
    ['größe 数 👍', 'größe 数 👍'],
  ])('%j is %s', (text, seen) => expect(visibleLines(text)).toBe(seen));

  it('keeps line feeds between lines only', () => {
    expect(visibleLines('a\nb')).toBe('a\nb');
    expect(visibleLine('a\nb')).toBe('a\\nb');
  });

  it('leaves JSON the value that it was', () => {
    const value = { name: 'a\u001B\u009B\u202E\u007F\n"' };
    const text = visibleLines(JSON.stringify(value));
    expect(text).not.toMatch(/[\u007F-\u009F\u202E]/);
    expect(JSON.parse(text)).toEqual(value);
  });
});
