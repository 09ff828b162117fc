/** Moving among the squares of a grid by keys: left and right along the row, up and down to the nearest
 *  square, Home and End. */
export function targetOf(key: string, from: HTMLElement): HTMLElement | null {
  const row = from.closest('tr')!;
  const squares = squaresOf(row);
  const at = squares.indexOf(from);
  switch (key) {
    case 'ArrowRight':
      return squares[at + 1] ?? null;
    case 'ArrowLeft':
      return squares[at - 1] ?? null;
    case 'Home':
      return squares[0] ?? null;
    case 'End':
      return squares.at(-1) ?? null;
    case 'ArrowDown':
    case 'ArrowUp':
      return nearest(from, neighbour(row, key));
    default:
      return null;
  }
}

/** The one square that the Tab key reaches. */
export function makeTabStop(table: HTMLElement, square: HTMLElement | null): void {
  const before = table.querySelector<HTMLElement>('[data-cell][tabindex="0"]');
  if (before === square || !square) return;
  if (before) before.tabIndex = -1;
  square.tabIndex = 0;
}

function neighbour(row: HTMLTableRowElement, key: string): HTMLTableRowElement | undefined {
  const rows = [...row.closest('table')!.rows].filter((r) => r.querySelector('[data-cell]'));
  return rows[rows.indexOf(row) + (key === 'ArrowDown' ? 1 : -1)];
}

function nearest(from: HTMLElement, row: HTMLTableRowElement | undefined): HTMLElement | null {
  if (!row) return null;
  const distance = (square: HTMLElement) =>
    Math.abs(square.getBoundingClientRect().left - from.getBoundingClientRect().left);
  return squaresOf(row).reduce<HTMLElement | null>(
    (best, s) => (best && distance(best) <= distance(s) ? best : s),
    null,
  );
}

function squaresOf(row: HTMLTableRowElement): HTMLElement[] {
  return [...row.querySelectorAll<HTMLElement>('[data-cell]')];
}
