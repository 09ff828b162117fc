/** "question: {q} context: {text}" -> a function of a row. Throws where the template has no slot, or a row lacks what a slot names. */
export function template(text: string, where: string): (fields: Record<string, unknown>) => string {
  const slots = [...text.matchAll(/\{([^{}]+)\}/g)].map((m) => m[1]!);
  if (slots.length === 0) throw new Error(`task.input has no slot such as {text}: "${text}"`);
  return (fields) =>
    text.replaceAll(/\{([^{}]+)\}/g, (_whole, slot: string) => {
      const value = fields[slot];
      if (value === undefined || value === null) {
        throw new Error(`${where} has no column "${slot}", which task.input names; there are ${Object.keys(fields).join(', ')}`);
      }
      return String(value);
    });
}
