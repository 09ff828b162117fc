import { z } from 'zod';
import { statement } from '../statement.js';

/** A config of each grid and method of experiment $1. */
export const sampleConfigs = statement(
  'sample-configs',
  z.object({ config: z.record(z.string(), z.unknown()) }),
  `
select distinct on (c.grid, t.method) t.config from "Cell" c join "Trial" t on t.id = c."trialId"
where c."experimentId" = $1 order by c.grid, t.method limit 100`,
);

/** Whether some cell of experiment $1 has a config with something at path $2. */
export const knobExists = statement(
  'knob-exists',
  z.object({ there: z.boolean() }),
  `
select exists (
  select from "Cell" c join "Trial" t on t.id = c."trialId"
  where c."experimentId" = $1 and t.config #> $2::text[] is not null) there`,
);

/** The first values at path $2 of the configs of experiment $1's cells, as texts. */
export const knobValues = statement(
  'knob-values',
  z.object({ value: z.string().nullable() }),
  `
select distinct t.config #>> $2::text[] "value" from "Cell" c join "Trial" t on t.id = c."trialId"
where c."experimentId" = $1 and t.config #> $2::text[] is not null order by 1 limit 20`,
);

/** What some of experiment $1's trials have measured. */
export const sampleMetrics = statement(
  'sample-metrics',
  z.object({ name: z.string(), split: z.string() }),
  `
with sample as materialized (
  select t.id from "ExperimentTrial" et join "Trial" t on t.id = et."trialId"
  where et."experimentId" = $1 and exists (select from "Metric" m where m."trialId" = t.id) limit 50)
select distinct m.name, m.split from sample join "Metric" m on m."trialId" = sample.id order by m.split, m.name`,
);
