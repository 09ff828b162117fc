/** Lines of columns, the first `left` of them flush left, a rule under the header and another above
 *  `last`. */
export function aligned(lines: string[][], left: number, last: readonly [string, string][] = []): string[] {
  const widths = lines[0]!.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  const write = (line: string[]) =>
    line.map((s, i) => (i < left ? s.padEnd(widths[i]!) : s.padStart(widths[i]!))).join('  ');
  const rule = widths.map((w) => '─'.repeat(w)).join('  ');
  const [head, ...body] = lines.map((line) => write(line).trimEnd());
  const below = last.map(([label, value]) => `${label}  ${value}`);
  return [head!, rule, ...body, ...(below.length ? [rule, ...below] : [])];
}

/** Lines of columns as Markdown has them, the first `left` of them flush left. */
export function piped(lines: string[][], left: number): string[] {
  const [head, ...body] = lines.map((line) => line.map((s) => s.replaceAll('|', '\\|')));
  const rule = head!.map((_, i) => (i < left ? '---' : '---:'));
  return [head!, rule, ...body].map((line) => `| ${line.join(' | ')} |`);
}
