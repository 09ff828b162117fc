import { visibleLine } from '#analysis/visible-text.js';

const gap = '  ';

/** Rows as columns of text that is broken into lines, within `width` characters. The first column has what
 *  the others leave; each of these has at most a quarter. */
export function wrappedColumns(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const shown = [head, ...rows].map((row) => row.map((text) => Array.from(visibleLine(text))));
  const longest = head.map((_, i) => Math.max(...shown.map((row) => row[i]!.length)));
  const most = Math.max(4, Math.floor(width / 4));
  const others = longest.slice(1).map((n) => Math.min(n, most));
  const left = width - others.reduce((sum, n) => sum + n + gap.length, 0);
  const widths = [Math.min(longest[0]!, Math.max(left, 10)), ...others];
  const [first, ...body] = shown.map((row) => drawn(row, widths));
  return [first!, widths.map((w) => '─'.repeat(w)).join(gap), ...body].join('\n');
}

function drawn(row: readonly string[][], widths: readonly number[]): string {
  const cells = row.map((text, i) => broken(text, widths[i]!));
  const height = Math.max(...cells.map((lines) => lines.length));
  const line = (at: number) =>
    cells
      .map((lines, i) => padded(lines[at] ?? [], widths[i]!))
      .join(gap)
      .trimEnd();
  return Array.from({ length: height }, (_, at) => line(at)).join('\n');
}

const padded = (text: readonly string[], width: number): string =>
  text.join('') + ' '.repeat(Math.max(0, width - text.length));

/** A text as lines of at most `width` characters, broken at the last space that fits, else anywhere. */
function broken(text: readonly string[], width: number): string[][] {
  const lines: string[][] = [];
  let rest = text;
  while (rest.length > width) {
    const fits = rest.slice(0, width + 1);
    const space = fits.lastIndexOf(' ');
    const at = space > 0 ? space : width;
    lines.push(rest.slice(0, at));
    rest = rest.slice(space > 0 ? at + 1 : at);
  }
  return [...lines, [...rest]];
}
