import type { ChildProcess } from 'node:child_process';

const kept = 8000; // characters

/** What a child wrote last, both streams together. */
export function wordsOf(child: ChildProcess, also: (chunk: Buffer) => void = () => {}): () => string {
  let text = '';
  const keep = (chunk: Buffer): void => {
    text = (text + chunk.toString()).slice(-kept);
    also(chunk);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return () => text;
}

/** The lines that say why Postgres ended, on one line: its errors and what follows them, else its last three
 *  lines. */
export function lastWords(text: string): string {
  const lines = [...new Set(text.split('\n').map(plain).filter(Boolean))];
  if (lines.some(isOutOfRoom)) return `the disk is full (${lines.find(isOutOfRoom)!})`;
  const errors = lines.filter((line) => /(FATAL|PANIC|ERROR|error):/.test(line));
  return (errors.length ? errors : lines).slice(-3).join(' | ');
}

export const isOutOfRoom = (text: string): boolean =>
  /No space left on device|Disk quota exceeded|Check free disk space|wrote only \d+ of|ENOSPC|EDQUOT/.test(
    text,
  );

/** Without the time and the process that Postgres puts in front. */
function plain(line: string): string {
  return line.replace(/^\d{4}-\d\d-\d\d [\d:.]+ \S+ \[\d+\] /, '').trim();
}
