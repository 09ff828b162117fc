/** Sentences in CoNLL's columns as propositions: a predicate with its roles. */
import { roleColumns, type SemanticRoles } from '#contracts/tasks/semantic-roles.js';
import type { DataRecord } from '../reading/data-record.js';
import type { Columns } from '../reading/read-tagged.js';

export interface Proposition {
  words: string[];
  predicate: number; // its word
  roles: { role: string; from: number; to: number }[]; // words, `to` one beyond
}

/** The predicates of one sentence. Roles are brackets over words, "(A0*", "*", "*)"; the predicate's own, V,
 *  is given and no role (as srl-eval.pl has it). Throws an Error naming file and line where columns do not
 *  fit the format. */
export function propositionsOf(
  path: string,
  { fields }: DataRecord,
  format: SemanticRoles['format'],
): Proposition[] {
  const { lines, rows } = withoutMarks(fields['columns'] as Columns);
  if (rows.length === 0) return [];
  const at: { predicate: number; word: number; roles?: number; behind: number } = roleColumns[format];
  const first = at.roles ?? at.predicate + 1;
  const width = rows[0]!.length;
  const placeOf = (i: number) => `${path}, line ${lines[i]}`;
  for (const [i, row] of rows.entries()) {
    if (row.length !== width)
      throw new Error(`${placeOf(i)}: ${row.length} columns, and line ${lines[0]} has ${width}`);
    if (width < first + at.behind)
      throw new Error(
        `${placeOf(i)}: ${width} columns; expected ${first + at.behind} or more, as task.format: ${format} has them`,
      );
  }
  const words = rows.map((row) => row[at.word]!);
  const predicates = rows.flatMap((row, i) => (/^-+$/.test(row[at.predicate]!) ? [] : [i]));
  const found = width - first - at.behind;
  if (predicates.length !== found)
    throw new Error(
      `${placeOf(0)}: ${predicates.length} predicates in column ${at.predicate}, and ${found} columns of roles; expected one for each`,
    );
  return predicates.map((predicate, k) => {
    const cells = rows.map((row, i) => ({ text: row[first + k]!, where: placeOf(i) }));
    return { words, predicate, roles: spansOf(cells).filter(({ role }) => role !== 'V') };
  });
}

/** CoNLL-2012 has lines around a document, "#begin document …". */
function withoutMarks({ lines, rows }: Columns): Columns {
  const kept = rows.flatMap((row, i) => (row[0] === '#begin' || row[0] === '#end' ? [] : [i]));
  return { lines: kept.map((i) => lines[i]!), rows: kept.map((i) => rows[i]!) };
}

const bracket = /^(?:\(([^()*]+))?\*(\))?$/;

function spansOf(cells: readonly { text: string; where: string }[]): Proposition['roles'] {
  const spans: Proposition['roles'] = [];
  let open: { role: string; from: number; where: string } | null = null;
  for (const [i, { text, where }] of cells.entries()) {
    const parsed = bracket.exec(text);
    if (!parsed) throw new Error(`${where}: the role is "${text}"; expected "(A0*", "*", "*)" or "(A0*)"`);
    const [, role, ends] = parsed;
    if (role !== undefined) {
      if (open) throw new Error(`${where}: "${text}" begins within ${open.role}`);
      open = { role, from: i, where };
    }
    if (ends === undefined) continue;
    if (!open) throw new Error(`${where}: "${text}" ends a role, and none has begun`);
    spans.push({ role: open.role, from: open.from, to: i + 1 });
    open = null;
  }
  if (open) throw new Error(`${open.where}: the role ${open.role} begins and does not end`);
  return spans;
}
