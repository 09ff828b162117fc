import { AttrType, type CApi, type Pointer } from './c-api.js';
import type { OpAttr } from './types.js';

export const int64s = (values: readonly number[]): BigInt64Array => BigInt64Array.from(values, BigInt);

/** Sets an attribute of an operation: of a graph's ('TF_SetAttr') or of one that runs at once
 *  ('TFE_OpSetAttr'). Throws where its type is none of AttrType. */
export function setAttr(
  api: CApi,
  setters: 'TF_SetAttr' | 'TFE_OpSetAttr',
  op: Pointer,
  { opName, attr: { name, type, value }, status }: { opName: string; attr: OpAttr; status: Pointer },
): void {
  const set = (kind: string, ...values: unknown[]) =>
    (api[`${setters}${kind}` as keyof CApi] as (...args: unknown[]) => unknown)(op, name, ...values);
  const list = (kind: string, ...last: Pointer[]) =>
    set(kind, int64s(value as number[]), (value as number[]).length, ...last);
  if (type === AttrType.type) set('Type', value);
  else if (type === AttrType.bool) set('Bool', value ? 1 : 0);
  else if (type === AttrType.float) set('Float', value);
  else if (type === AttrType.string) set('String', value, Buffer.byteLength(value as string));
  else if (type === AttrType.shape) list('Shape', ...(setters === 'TFE_OpSetAttr' ? [status] : []));
  else if (type === AttrType.int && Array.isArray(value)) list('IntList');
  else if (type === AttrType.int) set('Int', value);
  else throw new Error(`${opName}: attribute ${name} has the unknown type ${type}`);
}
