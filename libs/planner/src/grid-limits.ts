import { Lexer } from 'yaml';
import type { CreateExperiment } from '#contracts/grid.js';
import { GridError } from './grid-error.js';

/** What a grid file may hold. It is written by hand: more is a mistake or an attack, and costs its reader
 *  minutes. */
export const gridLimits = {
  characters: 1_000_000,
  documents: 202, // each begins, and may end, with a line of its own
  depth: 64,
  keys: 20_000, // of all mappings together
  pieces: 600_000, // the words, commas and blanks of YAML
  aliases: 100,
  marks: 1_000, // anchors and tags
  rules: 1_000, // of exclude and when
  comparisons: 10_000_000, // cells times knobs of rules
};

/** Throws GridError where YAML is larger than a grid file can be, before anything builds a tree of it. Takes
 *  time linear in the text. */
export function checkYamlText(text: string): void {
  atMost('characters', text.length, 'characters');
  const count = { documents: 0, keys: 0, pieces: 0, aliases: 0, marks: 0 };
  let [depth, inLine] = [0, 0];
  let [isScalar, atStart] = [false, true];
  const indents: number[] = [];
  for (const piece of new Lexer().lex(text)) {
    atMost('pieces', ++count.pieces, 'words and signs');
    if (atStart) {
      const indent = /^ *$/.test(piece) ? piece.length : 0;
      while (indents.length && indents.at(-1)! >= indent) indents.pop();
      atMost('depth', indents.push(indent), 'levels');
      atStart = false;
    }
    if (isScalar) {
      isScalar = false;
      continue;
    }
    const first = piece[0];
    if (first === '\u001f') isScalar = true;
    else if (first === '\u0002' || piece === '---')
      atMost('documents', ++count.documents, 'lines that begin or end a document');
    else if (piece === ':') atMost('keys', ++count.keys, 'keys');
    else if (first === '*') atMost('aliases', ++count.aliases, 'aliases');
    else if (first === '&' || first === '!') atMost('marks', ++count.marks, 'anchors and tags');
    else if (first === '%') throw refusal(`"${piece.slice(0, 40)}" is a directive, and none is read`);
    else if (first === '\n' || first === '\r') [inLine, atStart] = [0, true];
    else if (piece === '[' || piece === '{') atMost('depth', ++depth, 'levels');
    else if (piece === ']' || piece === '}') depth = Math.max(0, depth - 1);
    else if (piece === '-' || piece === '?') atMost('depth', ++inLine, 'levels in a line');
  }
}

/** Throws GridError where the rules cost more than they can be worth: each is compared with every cell. */
export function checkRuleCount({ grids }: CreateExperiment): void {
  const rules = grids.reduce((n, g) => n + g.exclude.length + g.when.length, 0);
  atMost('rules', rules, 'rules of exclude and when');
  const comparisons = grids.map(({ grid, exclude, when }) => {
    const cells = Object.values(grid).reduce((n, values) => n * values.length, 1);
    const knobs = [...exclude, ...when.map((rule) => rule.if)].reduce(
      (n, rule) => n + Object.keys(rule).length,
      0,
    );
    return cells * knobs;
  });
  atMost(
    'comparisons',
    comparisons.reduce((a, b) => a + b, 0),
    'comparisons of cells with rules',
  );
}

export function atMost(limit: keyof typeof gridLimits, n: number, what: string): void {
  const most = gridLimits[limit];
  if (n > most) throw refusal(`more than ${most} ${what}; a grid file has at most ${most}`);
}

const refusal = (message: string): GridError => new GridError([{ path: '', message }]);
