import { z } from 'zod';
import { RemovalView } from '#contracts/removal.js';
import { command, statement, WithId } from '../statement.js';

/** Trials that no other experiment than $1 has. Whoever starts from a trial has it among its experiment's, so
 *  that none of these is waited for elsewhere. */
const own = `
select et."trialId" id from "ExperimentTrial" et where et."experimentId" = $1 and not exists (
  select from "ExperimentTrial" o where o."trialId" = et."trialId" and o."experimentId" <> $1)`;

export const selectOwnTrials = statement('own-trials', WithId, own);

/** Whether experiment $1 is over and none of its own trials runs. */
export const selectRemovable = statement(
  'removable',
  z.object({ state: z.string(), removable: z.boolean() }),
  `
select e.state, e.state in ('finished', 'cancelled') and not exists (
  select from "Trial" t join (${own}) own on own.id = t.id where t.state in ('dispatched', 'running')) removable
from "Experiment" e where e.id = $1`,
);

/** What goes with experiment $1. */
export const selectRemoval = statement(
  'removal',
  RemovalView.omit({ state: true, removable: true }),
  `
with own as materialized (${own}),
files as (
  select distinct file ->> 'hash' hash, (file ->> 'bytes')::bigint bytes
  from "Checkpoint" c join own on own.id = c."trialId", jsonb_array_elements(c.files) file),
others as (
  select file ->> 'hash' hash from "Checkpoint" c, jsonb_array_elements(c.files) file where c."trialId" not in (select id from own)
  union select file ->> 'hash' from "Trial" t, jsonb_array_elements(t.inputs) input, jsonb_array_elements(input -> 'files') file
  where t.id not in (select id from own))
select e.id "experimentId", e.name,
  (select count(*)::int from "Cell" where "experimentId" = e.id) cells,
  (select count(*)::int from own) trials,
  (select count(*)::int from "ExperimentTrial" where "experimentId" = e.id) - (select count(*)::int from own) shared,
  (select count(*)::int from "Metric" m join own on own.id = m."trialId") metrics,
  (select count(*)::int from "Checkpoint" c join own on own.id = c."trialId") checkpoints,
  (select coalesce(sum(bytes), 0)::float8 from files where hash not in (select hash from others)) bytes
from "Experiment" e where e.id = $1`,
);

/** Experiment $1, its cells and its needs. */
export const deleteExperiment = command('delete-experiment', 'delete from "Experiment" where id = $1');

/** Trials $1 with all that refers to them, in this order. */
export const deleteTrials = [
  command('delete-checkpoints-of', 'delete from "Checkpoint" where "trialId" = any($1::uuid[])'),
  command('delete-attempts-of', 'delete from "Attempt" where "trialId" = any($1::uuid[])'),
  command(
    'delete-edges-of',
    'delete from "Dependency" where "trialId" = any($1::uuid[]) or "dependsOnId" = any($1::uuid[])',
  ),
  command('delete-trials', 'delete from "Trial" where id = any($1::uuid[])'),
] as const;

/** What was measured in trials $1, and told of them. */
export const deleteMetrics = command(
  'delete-metrics-of',
  'delete from "Metric" where "trialId" = any($1::uuid[])',
);
export const deleteTrialEvents = command(
  'delete-trial-events',
  'delete from "Event" where "trialId" = any($1::uuid[])',
);
export const deleteExperimentEvents = command(
  'delete-experiment-events',
  'delete from "Event" where "experimentId" = $1',
);
