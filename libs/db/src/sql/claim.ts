import { z } from 'zod';
import { CheckpointView } from '#contracts/experiment.js';
import { TrialInput } from '#contracts/input.js';
import { TrialConfig } from '#contracts/trial.js';
import { statement, Uuid } from '../statement.js';
import { awaited } from './awaited.js';

/** A folder in the artifact store. */
export const StoredFolder = CheckpointView.pick({ step: true, hash: true, files: true });
export type StoredFolder = z.infer<typeof StoredFolder>;

const Claimed = z.object({
  place: z.int(), // among those that were asked for
  attemptId: Uuid,
  fence: z.int(),
  worker: z.string(),
  trialId: Uuid,
  key: z.string(),
  config: TrialConfig,
  inputs: z.array(TrialInput).nullable(), // null: it was submitted before they were known by content
  step: z.int(),
  steps: z.int(),
  // resume checkpoints, the newest first; the next is for where the first is damaged
  resume: z.array(StoredFolder),
  backbone: StoredFolder.nullable(), // another trial's checkpoint that this one starts from
  source: StoredFolder.nullable(), // what another trial of the method ended with, where it starts from that
  evaluated: z.array(StoredFolder.extend({ seed: z.int() })), // the same of every trial that it waits for so
});
export type Claimed = z.infer<typeof Claimed>;

export interface ClaimAsked {
  place: number;
  id: string;
  fence: number;
  worker: string;
  seconds: number; // of the lease
}

const startsFrom = (kind: 'backbone' | 'adapter'): string => `(
  select json_build_object('step', c.step, 'hash', c.hash, 'files', c.files)
  from "Dependency" d join "Checkpoint" c on ${awaited}
  where d."trialId" = t.id and d.kind = '${kind}' order by c."createdAt" desc limit 1)`;

/** The newest of each trial: one whose artifacts were lost was trained anew. */
const evaluated = `(
  select coalesce(json_agg(json_build_object('seed', own.seed, 'step', own.step, 'hash', own.hash, 'files', own.files)), '[]')
  from (
    select distinct on (d."dependsOnId") p.seed, c.step, c.hash, c.files
    from "Dependency" d join "Trial" p on p.id = d."dependsOnId" join "Checkpoint" c on ${awaited}
    where d."trialId" = t.id and d.kind = 'adapter' order by d."dependsOnId", c."createdAt" desc) own)`;

/** Takes those of the attempts $1 (ClaimAsked[]) that are the newest of their trials and nobody's yet. */
export const claim = statement(
  'claim',
  Claimed,
  `
with asked as (
  select * from json_to_recordset($1::json) j(place int, id uuid, fence int, worker text, seconds float8)),
taken as (
  update "Attempt" a set state = 'running', worker = j.worker, "startedAt" = now(),
    "leaseUntil" = now() + j.seconds * interval '1 second'
  from asked j, "Trial" t
  where a.id = j.id and a.fence = j.fence and a.state = 'dispatched'
    and t.id = a."trialId" and t.fence = a.fence and t.state = 'dispatched'
  returning a.id, a."trialId", a.fence, a.worker, j.place),
running as (
  update "Trial" t set state = 'running', note = null from taken where t.id = taken."trialId" returning t.*)
select taken.place, taken.id "attemptId", taken.fence, taken.worker, t.id "trialId", t.key, t.config, t.inputs, t.step, t.steps,
  (select coalesce(json_agg(json_build_object('step', c.step, 'hash', c.hash, 'files', c.files) order by c.step desc), '[]')
   from "Checkpoint" c where c."trialId" = t.id and c.kind = 'resume') resume,
  ${startsFrom('backbone')} backbone, ${startsFrom('adapter')} source, ${evaluated} evaluated
from taken join running t on t.id = taken."trialId" order by taken.place`,
);
