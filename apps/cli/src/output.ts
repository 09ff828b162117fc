/** stdout carries what was asked for, stderr what happens meanwhile: so every command can be piped. */

export const say = (line: string): void => void process.stderr.write(`peftgrid: ${line}\n`);

export const print = (text: string): void => void process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);

/** One JSON value on one line. */
export const printJson = (value: unknown): void => print(JSON.stringify(value));

/** What every command takes. */
export interface Common {
  json?: boolean;
}
