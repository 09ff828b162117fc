/** SQL: whether the config of trial `t` fulfils all conditions of the JSON text that is parameter `$n`
 *  (conditionsOf). Each is a path and the values that it may have there; without any it is null or absent. */
export const fulfils = (n: number): string => `(
  select coalesce(bool_and(case when asked.condition -> 'any' = 'null'
    then coalesce(t.config #> (
      select array_agg(step.name) from jsonb_array_elements_text(asked.condition -> 'path') step(name)), 'null') = 'null'
    else exists (
      select from jsonb_array_elements(asked.condition -> 'any') meant(part) where t.config @> meant.part) end), true)
  from jsonb_array_elements($${n}::jsonb) asked(condition))`;
