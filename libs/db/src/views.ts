import {
  type AttemptView,
  type CellView,
  CheckpointView,
  type CurveView,
  type ExperimentView,
  type TrialView,
} from '#contracts/experiment.js';
import type { Metric, Summary } from '#contracts/trainer-messages.js';
import { FailureCause, TrialConfig, TrialState } from '#contracts/trial.js';
import { awaited } from './sql/awaited.js';
import type { Database } from './database.js';
import { openStates as unfinished } from './sql/open-states.js';
import { storyColumns, storyJoins, type TrialStory, why } from './why.js';

/** Null: no such experiment. */
export async function experimentView(db: Database, id: string): Promise<ExperimentView | null> {
  return (await selectExperiments(db, [id]))[0] ?? null;
}

/** All experiments, the newest first. */
export async function experimentViews(db: Database): Promise<ExperimentView[]> {
  return selectExperiments(db, null);
}

interface ExperimentRow extends Omit<ExperimentView, 'createdAt' | 'finishedAt'> {
  createdAt: Date;
  finishedAt: Date | null;
}

async function selectExperiments(db: Database, ids: string[] | null): Promise<ExperimentView[]> {
  const { rows } = await db.pool.query<ExperimentRow>(
    `with picked as (select * from "Experiment" where $1::uuid[] is null or id = any($1)),
     slots as (select greatest(1, sum(slots)) n from "Worker" where fault is null and "seenAt" > now() - interval '20 seconds'),
     trials as (
       select et."experimentId", t.state, t.steps - t.step left_steps, coalesce(t."stepMs", avg(t."stepMs") over (partition by et."experimentId", t.stage, t."backboneKey"),
         avg(t."stepMs") over (partition by et."experimentId")) ms
       from "ExperimentTrial" et join "Trial" t on t.id = et."trialId" where et."experimentId" in (select id from picked)),
     by_state as (
       select "experimentId", state, count(*) n, sum(left_steps * ms) filter (where state in ${unfinished}) ms from trials group by 1, 2),
     sums as (select "experimentId", json_object_agg(state, n) trials, sum(ms) / 1000 seconds from by_state group by 1),
     cells as (select "experimentId", count(*)::int cells, count(*) filter (where reused)::int reused from "Cell"
               where "experimentId" in (select id from picked) group by 1)
     select p.id, p.name, p.state, p.priority, cells, s.trials, reused, p."createdAt", p."finishedAt",
       case when p.state in ('active', 'paused') then s.seconds / (select coalesce(n, 1) from slots) end "etaSeconds"
     from picked p join sums s on s."experimentId" = p.id join cells c on c."experimentId" = p.id order by p."createdAt" desc, p.id`,
    [ids],
  );
  return rows.map((row) => ({
    ...row,
    trials: { ...noTrials(), ...row.trials },
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  }));
}

const noTrials = (): ExperimentView['trials'] =>
  Object.fromEntries(TrialState.options.map((s) => [s, 0])) as ExperimentView['trials'];

/** How many trials are dispatched before each ready one, as far as priorities and ages say; fairness between owners may change it. */
const queue = `queue as (
  select id, row_number() over (order by priority desc, "createdAt", "experimentId", position) - 1 ahead from (
    select distinct on (t.id) t.id, e.priority, e."createdAt", e.id "experimentId", et.position from "Trial" t
    join "ExperimentTrial" et on et."trialId" = t.id join "Experiment" e on e.id = et."experimentId" and e.state = 'active'
    where t.state = 'ready' order by t.id, e.priority desc, e."createdAt", e.id) first),
  alive as (select (count(*) filter (where fault is null))::int workers, min(fault) fault from "Worker"
    where "seenAt" > now() - interval '20 seconds')`;

interface CellRow extends TrialStory, Place, Omit<CellView, 'state' | 'why' | 'step' | 'steps' | 'trialId' | 'reused'> {
  reused: boolean;
}

/** Every cell of an experiment, grid by grid in the grid's order; null: no such experiment. */
export async function cellViews(db: Database, experimentId: string): Promise<CellView[] | null> {
  const { rows } = await db.pool.query<CellRow>(
    `with ${queue}
     select c.id, c.grid, c.index, c.point, c.baseline, c.reused, t."stepMs", t.summary, e.state = 'paused' paused, queue.ahead, alive.workers, alive.fault, ${storyColumns}
     from "Cell" c join "Experiment" e on e.id = c."experimentId" join "Trial" t on t.id = c."trialId" cross join alive
     left join queue on queue.id = t.id ${storyJoins} where c."experimentId" = $1
     order by c.position`,
    [experimentId],
  );
  if (rows.length === 0) return null;
  return rows.map((row) => ({
    id: row.id,
    grid: row.grid,
    index: row.index,
    point: row.point,
    baseline: row.baseline,
    trialId: row.trialId,
    state: row.state,
    reused: row.reused,
    why: why(row, surroundings(row)),
    step: row.step,
    steps: row.steps,
    stepMs: row.stepMs,
    summary: row.summary,
  }));
}

interface Place {
  ahead: string | null;
  workers: number;
  fault: string | null;
  paused: boolean;
  reused?: boolean;
}

function surroundings({ ahead, workers, fault, paused, reused }: Place): Parameters<typeof why>[1] {
  return {
    paused: paused && ahead === null,
    workers,
    fault,
    reused: reused ?? false,
    ...(ahead === null ? {} : { ahead: Number(ahead) }),
  };
}

/** Everything about one trial; null: no such trial. */
export async function trialView(db: Database, id: string): Promise<TrialView | null> {
  const trial = await db.prisma.trial.findUnique({
    where: { id },
    include: { attempts: { orderBy: { fence: 'asc' } }, checkpoints: { orderBy: [{ kind: 'asc' }, { step: 'asc' }] } },
  });
  if (!trial) return null;
  return {
    id,
    key: trial.key,
    config: TrialConfig.parse(trial.config),
    state: TrialState.parse(trial.state),
    cause: FailureCause.nullable().parse(trial.cause),
    message: trial.message,
    why: await whyOf(db, id),
    step: trial.step,
    steps: trial.steps,
    attempts: trial.attempts.map((a) => ({
      id: a.id,
      fence: a.fence,
      worker: a.worker,
      state: a.state as AttemptView['state'],
      startedAt: a.startedAt?.toISOString() ?? null,
      endedAt: a.endedAt?.toISOString() ?? null,
      message: a.message,
    })),
    waitsFor: await waitsFor(db, id),
    checkpoints: trial.checkpoints.map((c) => CheckpointView.parse({ ...c, bytes: Number(c.bytes) })),
    summary: trial.summary as Summary | null, // checked when the verdict came in
  };
}

async function whyOf(db: Database, trialId: string): Promise<string> {
  const { rows } = await db.pool.query<TrialStory & Place>(
    `with ${queue} select ${storyColumns}, queue.ahead, alive.workers, alive.fault, not exists (select from "ExperimentTrial" et
       join "Experiment" e on e.id = et."experimentId" where et."trialId" = t.id and e.state = 'active') paused
     from "Trial" t cross join alive left join queue on queue.id = t.id ${storyJoins} where t.id = $1`,
    [trialId],
  );
  return why(rows[0]!, surroundings(rows[0]!));
}

async function waitsFor(db: Database, trialId: string): Promise<TrialView['waitsFor']> {
  const { rows } = await db.pool.query<TrialView['waitsFor'][number]>(
    `select d."dependsOnId" "trialId", d.kind, d.step, exists (select from "Checkpoint" c where ${awaited}) met
     from "Dependency" d where d."trialId" = $1 order by d.step`,
    [trialId],
  );
  return rows;
}

/** A trial's metrics in the order of their steps; null: no such trial. */
export async function curveView(db: Database, trialId: string): Promise<CurveView | null> {
  if (!(await db.prisma.trial.findUnique({ where: { id: trialId }, select: { id: true } }))) return null;
  const { rows } = await db.pool.query<Metric>(
    'select name, split, step, value from "Metric" where "trialId" = $1 order by step, split, name',
    [trialId],
  );
  return { trialId, metrics: rows };
}
