/** The references of every example, at least one each: what may be said. */
export type References = readonly (readonly string[])[];

/** Throws an Error where texts and references differ in number, an example has no reference, or there is no
 *  example. */
export function checkReferences(said: readonly string[], references: References): void {
  if (said.length !== references.length)
    throw new Error(
      `${said.length} texts cannot be compared with the references of ${references.length} examples`,
    );
  if (said.length === 0) throw new Error('a metric of no examples is undefined');
  const without = references.findIndex((own) => own.length === 0);
  if (without >= 0)
    throw new Error(`example ${without} has no reference, so that no text can be compared with it`);
}
