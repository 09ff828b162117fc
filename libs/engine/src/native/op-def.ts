import type { OpAttr } from './types.js';

/** Which inputs of a TensorFlow op are lists, read from its OpDef (tensorflow/core/framework/op_def.proto).
 */
export interface InputArg {
  /** Attribute that counts the list ("N"), "" for a list of mixed types counted by its type list, undefined
   *  for a single tensor. */
  countedBy: string | undefined;
}

/** Parses the input_arg entries of a serialised OpDef. */
export function inputArgs(opDef: Uint8Array): InputArg[] {
  return fields(opDef)
    .filter((f) => f.number === 2)
    .map((f) => {
      const arg = fields(f.bytes);
      const text = (n: number) =>
        new TextDecoder().decode(arg.find((x) => x.number === n)?.bytes ?? new Uint8Array());
      const countedBy = text(5) || (text(6) ? '' : undefined); // number_attr, type_list_attr
      return { countedBy };
    });
}

/** Length of a list input: its counting attribute, or, where that was left out, all of an op's `inputs` that
 *  no other argument takes. */
export function listLength(
  op: string,
  countedBy: string,
  attrs: OpAttr[],
  args: InputArg[],
  inputs: number,
): number {
  const count = attrs.find((a) => a.name === countedBy)?.value;
  if (typeof count === 'number') return count;
  const lists = args.filter((a) => a.countedBy !== undefined);
  if (lists.length !== 1) throw new Error(`${op}: the lengths of its list inputs are not told`);
  return inputs - (args.length - 1);
}

interface Field {
  number: number;
  bytes: Uint8Array; // empty for varints: none is needed
}

function fields(message: Uint8Array): Field[] {
  const found: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = message[at++] ?? 0;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const wire = tag & 7;
    let bytes = new Uint8Array();
    if (wire === 0) varint();
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else {
      const length = varint();
      bytes = message.slice(at, at + length);
      at += length;
    }
    found.push({ number: tag >>> 3, bytes });
  }
  return found;
}
