import { meanings, type Where } from '#contracts/where.js';

/** Conditions as the JSON text that `fulfils` reads; null where there are none. */
export function conditionsOf(wheres: readonly Where[] = []): string | null {
  if (wheres.length === 0) return null;
  const conditions = wheres.map((where) => {
    const path = where.knob.split('.');
    return {
      path,
      any: where.value === 'null' ? null : meanings(where).map((meaning) => nested(path, meaning)),
    };
  });
  return JSON.stringify(conditions);
}

function nested(path: readonly string[], value: unknown): unknown {
  return path.toReversed().reduce((inner, key) => ({ [key]: inner }), value);
}
