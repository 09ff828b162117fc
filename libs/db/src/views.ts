import {
  type AttemptView,
  CheckpointView,
  type CurveView,
  type ExperimentView,
  type TrialView,
} from '#contracts/experiment.js';
import { Metric, type Summary } from '#contracts/trainer-messages.js';
import { FailureCause, TrialConfig, TrialState } from '#contracts/trial.js';
import type { Database } from './database.js';
import { selectExperiments } from './sql/experiments.js';
import { selectTrialStory } from './sql/trial-story.js';
import { selectWaitsFor } from './sql/waits-for.js';
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
    include: {
      attempts: { orderBy: { fence: 'asc' } },
      checkpoints: { orderBy: [{ kind: 'asc' }, { step: 'asc' }] },
    },
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
    waitsFor: await selectWaitsFor(db.pool, [id]),
    checkpoints: trial.checkpoints.map((c) => CheckpointView.parse({ ...c, bytes: Number(c.bytes) })),
    summary: trial.summary as Summary | null, // checked when the verdict came in
  };
}

async function whyOf(db: Database, trialId: string): Promise<string> {
  const story = only(await selectTrialStory(db.pool, [trialId]));
  const { ahead, paused, workers, fault, lacking } = story;
  return why(story, { paused, workers, fault, lacking, ...(ahead === null ? {} : { ahead }) });
}

/** A trial's metrics in the order of their steps; null: no such trial. */
export async function curveView(db: Database, trialId: string): Promise<CurveView | null> {
  if (!(await db.prisma.trial.findUnique({ where: { id: trialId }, select: { id: true } }))) return null;
  const metrics = await db.prisma.metric.findMany({
    where: { trialId },
    orderBy: [{ step: 'asc' }, { split: 'asc' }, { name: 'asc' }],
    select: { name: true, split: true, step: true, value: true },
  });
  return { trialId, metrics: metrics.map((metric) => Metric.parse(metric)) };
}
