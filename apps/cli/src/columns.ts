import { visibleLine } from '#analysis/visible-text.js';

/** Rows as aligned columns, two spaces apart. */
export function columns(rows: readonly string[][]): string {
  const shown = rows.map((row) => row.map(visibleLine));
  const widths = shown[0]!.map((_, i) => Math.max(...shown.map((row) => row[i]!.length)));
  return shown
    .map((row) =>
      row
        .map((text, i) => text.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
