// a statement's parameters are written as text at once, and nobody is answered meanwhile
const rowsOfPart = 1000;

/** Does what a statement does to many rows part by part, in order; `from` is the place of a part's first row.
 */
export async function inParts<T>(
  rows: readonly T[],
  part: (some: T[], from: number) => Promise<void>,
): Promise<void> {
  for (let from = 0; from < rows.length; from += rowsOfPart)
    await part(rows.slice(from, from + rowsOfPart), from);
}
