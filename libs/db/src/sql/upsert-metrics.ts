import { command } from '../statement.js';

export interface MetricRow {
  trialId: string;
  name: string;
  split: string;
  step: number;
  value: number;
}

/** Stores MetricRow[] $1, no two of the same place. They are locked in the order of their key, so that two
 *  batches of one trial wait for each other and never in a circle. */
export const upsertMetrics = command(
  'upsert-metrics',
  `
insert into "Metric" ("trialId", name, split, step, value)
select * from json_to_recordset($1::json) m("trialId" uuid, name text, split text, step int, value float8)
order by 1, 2, 3, 4
on conflict ("trialId", name, split, step) do update set value = excluded.value`,
);
