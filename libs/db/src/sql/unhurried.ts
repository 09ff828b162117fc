/** SQL before a statement of its own that may be lost when Postgres crashes, since it is made again: its
 *  commit does not wait for the disk. The statement must read from "unhurried". */
export const unhurried = `with unhurried as materialized (select set_config('synchronous_commit', 'off', true))`;
