import { type AttemptView, CheckpointView, type CurveView, type ExperimentView, type TrialView } from '#contracts/experiment.js';
import type { Metric, Summary } from '#contracts/trainer-messages.js';
import { FailureCause, TrialConfig, TrialState } from '#contracts/trial.js';
import { awaited } from './sql/awaited.js';
import type { Database } from './database.js';
import { selectExperiments } from './sql/experiments.js';
import { selectTrialStory } from './sql/trial-story.js';
import { only } from './statement.js';
import { why } from './why.js';

/** Null: no such experiment. */
export async function experimentView(db: Database, id: string): Promise<ExperimentView | null> {
  return (await viewsOf(db, [id]))[0] ?? null;
}

/** All experiments, or those with this name or whose ids begin like this; the newest first. */
export async function experimentViews(db: Database, called?: string): Promise<ExperimentView[]> {
  return viewsOf(db, null, called);
}

export async function experimentExists(db: Database, id: string): Promise<boolean> {
  return (await db.prisma.experiment.count({ where: { id } })) > 0;
}

async function viewsOf(db: Database, ids: string[] | null, called?: string): Promise<ExperimentView[]> {
  const rows = await selectExperiments(db.pool, [ids, called ?? null]);
  return rows.map((row) => ({
    ...row,
    trials: { ...noTrials(), ...row.trials },
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  }));
}

const noTrials = (): ExperimentView['trials'] =>
  Object.fromEntries(TrialState.options.map((s) => [s, 0])) as ExperimentView['trials'];

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
  const story = only(await selectTrialStory(db.pool, [trialId]));
  const { ahead, paused, workers, fault } = story;
  return why(story, { paused, workers, fault, ...(ahead === null ? {} : { ahead }) });
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
