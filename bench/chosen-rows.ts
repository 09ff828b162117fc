interface Row {
  family: string;
  method: string;
}

/** The rows that `--only` names: "t5", "t5/lora", "/lora"; several with commas between them; all where it is
 *  empty. Throws an Error that says what there is where a part names none. */
export function chosenRows<R extends Row>(rows: readonly R[], only: string): R[] {
  if (only === '') return [...rows];
  const wanted = only.split(',').map((part) => {
    const [family = '', method = '', ...rest] = part.split('/');
    const found = rows.filter(
      (r) => (family === '' || r.family === family) && (method === '' || r.method === method),
    );
    if (found.length === 0 || rest.length > 0) throw new Error(unknownRow(part, rows));
    return found;
  });
  return rows.filter((row) => wanted.some((found) => found.includes(row)));
}

function unknownRow(part: string, rows: readonly Row[]): string {
  const known = (of: (row: Row) => string) => [...new Set(rows.map(of))].join(', ');
  return `--only names "${part}", expected FAMILY, FAMILY/METHOD or /METHOD with a family of ${known((r) => r.family)} and a method of ${known((r) => r.method)}`;
}
