import { type Asking, textOf } from './fields.js';
import type { DataRecord } from './data-record.js';

const slot = /\{([^{}]+)\}/g;

/** The fields that a template names. */
export const slotsOf = (text: string): string[] => [...text.matchAll(slot)].map(([, name]) => name!);

/** "question: {q} context: {answers.text}" -> a function of a row: the filled-in text, and whether nothing
 *  but blanks was filled in. Throws where the template has no slot, or a row lacks what a slot names. */
export function template(
  text: string,
  path: string,
): (record: DataRecord) => { text: string; empty: boolean } {
  const asking: Asking = { path, knob: 'task.input' };
  if (text.search(slot) < 0) throw new Error(`task.input has no slot such as {text}: "${text}"`);
  return (record) => {
    let empty = true;
    const filled = text.replaceAll(slot, (_whole, name: string) => {
      const value = textOf(record, name, asking);
      if (value.trim() !== '') empty = false;
      return value;
    });
    return { text: filled, empty };
  };
}
