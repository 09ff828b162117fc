/** stdout carries what was asked for, stderr what happens meanwhile: so every command can be piped. Nothing
 *  that came from outside (a name, a path, a reason) steers the terminal: every text is made visible here,
 *  and a name within one by visibleLine where it is put there. */
import { visibleLine, visibleLines } from '#analysis/visible-text.js';

export const say = (line: string): void => void process.stderr.write(`peftgrid: ${visibleLine(line)}\n`);

/** Some lines. */
export const print = (text: string): void => void process.stdout.write(ended(visibleLines(text)));

/** One JSON value on one line. */
export const printJson = (value: unknown): void => print(JSON.stringify(value));

/** What is no result: how a command failed, or a picture of what happens. */
export const tell = (text: string): void => void process.stderr.write(ended(visibleLines(text)));

const ended = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);

/** What every command takes. */
export interface Common {
  json?: boolean;
}
