/** Texts that came from outside, as a terminal and a reader may see them. */

// C0 and C1 controls, DEL, and what turns the direction of writing or breaks a line (Unicode 16, UAX #9 §2).
// The line feed is told apart by the caller.
// eslint-disable-next-line no-control-regex
const unsafe = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/g;

/** Of several lines: everything that would steer a terminal becomes its escape ("\u001b"), which is valid
 *  within JSON's texts too. */
export const visibleLines = (text: string): string => text.replace(unsafe, escapeOf);

/** Of one line: line feeds as well. */
export const visibleLine = (text: string): string => visibleLines(text).replaceAll('\n', '\\n');

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
