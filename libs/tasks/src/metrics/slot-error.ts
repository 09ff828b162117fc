import { canonicalValue, mentionsIn, type Slot, slotNames } from './e2e-realizations.js';

/** Slots of an E2E meaning representation, such as "name[Zizzi], customer rating[5 out of 5]". A slot may
 *  come twice. Throws an Error that names a slot or value that E2E does not have. */
export function e2eSlots(meaning: string): Slot[] {
  const slots = Array.from(meaning.matchAll(/([a-zA-Z_]+)\[([^\]]*)\]/g), ([, name, value]) => ({
    name: name!,
    value: value!,
  }));
  if (slots.length === 0)
    throw new Error(`"${meaning}" has no slot: an E2E meaning is written name[Zizzi], food[Italian]`);
  return slots.map(({ name, value }) => {
    if (!slotNames.includes(name))
      throw new Error(`E2E has no slot ${name}; there are ${slotNames.join(', ')}`);
    const canonical = canonicalValue(name, value);
    if (canonical === undefined)
      throw new Error(`E2E has no ${name} "${value}", so that no mention of it can be found`);
    return { name, value: canonical };
  });
}

/** How a text differs from its meaning, in slots. */
export interface SlotErrors {
  added: number;
  missing: number;
  wrong: number; // another value
  repeated: number;
}

/** Slot error rate of E2E texts, a share of the slots, smaller is better, above 1 where more is wrong than
 *  was asked for. It is added, missing, wrong and repeated slots over the slots of the meanings (Dušek et al.
 *  2019; SemERR of slot_error.py in tuetschek/e2e-cleaning). Patterns find what is said of each value. As in
 *  the released script a value counts once however often it is said, but for a low rating. `meanings` are
 *  E2E's, see e2eSlots. Throws an Error where one has a slot or value that E2E does not. */
export function slotErrorRate(said: readonly string[], meanings: readonly string[]): number {
  if (said.length !== meanings.length)
    throw new Error(
      `${said.length} texts cannot be compared with the meanings of ${meanings.length} examples`,
    );
  let [errors, slots] = [0, 0];
  for (const [i, text] of said.entries()) {
    const meaning = e2eSlots(meanings[i]!);
    const { added, missing, wrong, repeated } = slotErrors(text, meaning);
    errors += added + missing + wrong + repeated;
    slots += meaning.length;
  }
  if (slots === 0) throw new Error('a slot error rate of no examples is undefined');
  return errors / slots;
}

/** The errors of one text. */
export function slotErrors(text: string, meaning: readonly Slot[]): SlotErrors {
  const asked = countValues(meaning, () => 1);
  const mentions = distinctMentions(text, asked);
  const told = countValues(mentions, ({ value }) => (value === 'low' ? 1 : 0));
  const errors = { added: 0, missing: 0, wrong: 0, repeated: 0 };
  for (const name of new Set([...asked.keys(), ...told.keys()])) {
    const [right, own] = [asked.get(name), told.get(name)];
    if (!own) errors.missing += sum(right!);
    else if (!right) errors.added += sum(own);
    else compare(right, own, errors);
  }
  return errors;
}

/** By slot, how often each value stands. */
type Values = Map<string, Map<string, number>>;

/** Counts values; one that `more` gives nothing for is counted once. */
function countValues<S extends Slot>(slots: readonly S[], more: (slot: S) => number): Values {
  const values: Values = new Map();
  for (const slot of slots) {
    const own = values.get(slot.name) ?? new Map<string, number>();
    own.set(slot.value, more(slot) > 0 ? (own.get(slot.value) ?? 0) + 1 : 1);
    values.set(slot.name, own);
  }
  return values;
}

/** Mentions that lie in no longer one. Of several for the same words, that which was asked for stays, else
 *  the first. */
function distinctMentions(text: string, asked: Values) {
  const all = mentionsIn(text);
  const kept: typeof all = [];
  for (const mention of all) {
    const isCovered = all.some((other) => {
      if (other === mention || other.from > mention.from || other.to < mention.to) return false;
      if (other.from !== mention.from || other.to !== mention.to) return true;
      const isKept = kept.some(
        (k) => k.name === other.name && k.value === other.value && k.from === other.from && k.to === other.to,
      );
      return isKept || (asked.get(other.name)?.has(other.value) ?? false);
    });
    if (!isCovered) kept.push(mention);
  }
  return kept;
}

function compare(
  right: ReadonlyMap<string, number>,
  own: ReadonlyMap<string, number>,
  errors: SlotErrors,
): void {
  let [lacking, surplus] = [0, 0];
  for (const value of new Set([...right.keys(), ...own.keys()])) {
    const [there, said] = [right.get(value) ?? 0, own.get(value) ?? 0];
    if (there > 0 && said > there) errors.repeated += said - there;
    else if (there > said) lacking += there - said;
    else surplus += said - there;
  }
  errors.wrong += Math.min(lacking, surplus);
  errors.missing += Math.max(lacking - surplus, 0);
  errors.added += Math.max(surplus - lacking, 0);
}

const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((a, b) => a + b, 0);
