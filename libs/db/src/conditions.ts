/** Conditions on the configs of trials, as SQL. */
import { meanings, type Where } from '#contracts/where.js';

export interface Condition {
  sql: string; // true of a trial `t` for which it holds
  values: unknown[];
}

/** What must hold of a trial `t`; parameters are counted from `$first`. */
export function conditionOf(wheres: readonly Where[], first: number): Condition {
  const values: unknown[] = [];
  const texts = wheres.map((where) => {
    const path = where.knob.split('.');
    const place = first + values.length;
    if (where.value === 'null') {
      values.push(path);
      return `coalesce(t.config #> $${place}::text[], 'null') = 'null'`;
    }
    values.push(meanings(where).map((meaning) => JSON.stringify(nested(path, meaning))));
    return `t.config @> any($${place}::jsonb[])`;
  });
  return { sql: texts.join(' and ') || 'true', values };
}

function nested(path: readonly string[], value: unknown): unknown {
  return path.toReversed().reduce((inner, key) => ({ [key]: inner }), value);
}
