import type { ExperimentView } from '#contracts/experiment.js';
import type { TrialState } from '#contracts/trial.js';
import type { Database } from './database.js';
import { cancelChannel } from './channels.js';
import { tell } from './outbox.js';
import { inParts } from './in-parts.js';
import { reopenCancelledOf, reviveTrials } from './revive.js';
import { settle } from './settle.js';
import { cancelWaiting, recall, stopRunning } from './sql/cancel-trials.js';
import { awaitedByAny, failedForWantOf } from './sql/connected-trials.js';
import { endDispatched } from './sql/end-dispatched.js';
import { changeExperiment, selectExperimentState } from './sql/experiment-state.js';
import { unsuccessfulTrials } from './sql/unsuccessful-trials.js';
import { selectTrialState } from './sql/trial-state.js';
import { only } from './statement.js';
import { transition, type Tx } from './transition.js';
import { wakeDispatcher } from './wake.js';

type ExperimentState = ExperimentView['state'];

/** What became of a request: `applied` false where the state it met did not allow it. Null: no such
 *  experiment or trial. */
export interface Outcome<State> {
  applied: boolean;
  state: State; // after the request
}

/** Stops an experiment for good. Trials that wait are cancelled at once, those that run are told to stop
 *  (`cancelled` by renewLease); a trial that another active or paused experiment wants goes on. */
export async function cancelExperiment(db: Database, id: string): Promise<Outcome<ExperimentState> | null> {
  return transition(db, async (tx) => {
    const outcome = await change(tx, id, { from: ['active', 'paused'], to: 'cancelled' });
    if (!outcome?.applied) return outcome;
    const waiting = idsOf(await cancelWaiting(tx, [id]));
    const stopping = idsOf(await stopRunning(tx, [id]));
    await endAll(tx, waiting, 'cancelled before a worker took it');
    if (stopping.length) await tx.query(`notify ${cancelChannel}`);
    await settle(tx, [...waiting, ...stopping]);
    return outcome;
  });
}

/** Dispatches nothing more of it; what runs goes on, and what a worker has not yet taken goes back into the
 *  queue. */
export async function pauseExperiment(db: Database, id: string): Promise<Outcome<ExperimentState> | null> {
  return transition(db, async (tx) => {
    const outcome = await change(tx, id, { from: ['active'], to: 'paused' });
    if (!outcome?.applied) return outcome;
    const recalled = idsOf(await recall(tx, [id]));
    await endAll(tx, recalled, 'recalled before a worker took it: its experiment was paused');
    await settle(tx, recalled);
    return outcome;
  });
}

export async function resumeExperiment(db: Database, id: string): Promise<Outcome<ExperimentState> | null> {
  return transition(db, async (tx) => {
    const outcome = await change(tx, id, { from: ['paused'], to: 'active' });
    await wakeDispatcher(tx);
    return outcome;
  });
}

const idsOf = (rows: readonly { id: string }[]): string[] => rows.map(({ id }) => id);

async function endAll(tx: Tx, trialIds: string[], message: string): Promise<void> {
  await inParts(trialIds, async (some) => void (await endDispatched(tx, [some, message])));
}

async function change(
  tx: Tx,
  id: string,
  { from, to }: { from: ExperimentState[]; to: ExperimentState },
): Promise<Outcome<ExperimentState> | null> {
  if (await changeExperiment(tx, [id, from, to])) {
    tell(tx, [{ experimentId: id, trialId: null, payload: { type: 'experiment', state: to } }]);
    return { applied: true, state: to };
  }
  const [there] = await selectExperimentState(tx, [id]);
  return there ? { applied: false, state: there.state } : null;
}

/** Tries a failed or cancelled trial again, with those it waits for and those that failed for want of it.
 *  Finished experiments become active again, and its cancelled ones where no other wants it. What only other
 *  cancelled experiments had asked for stays as it is. */
export async function retryTrial(db: Database, trialId: string): Promise<Outcome<TrialState> | null> {
  return transition(db, async (tx) => {
    const [trial] = await selectTrialState(tx, [trialId]);
    if (!trial) return null;
    const { state } = trial;
    if (state !== 'failed' && state !== 'cancelled') return { applied: false, state };
    await tryAgain(tx, [trialId]);
    return { applied: true, state: only(await selectTrialState(tx, [trialId])).state };
  });
}

/** Tries all failed and cancelled trials of an experiment's cells again, as retryTrial does. Returns their
 *  ids. */
export async function retryExperiment(db: Database, experimentId: string): Promise<string[]> {
  return transition(db, async (tx) => {
    const trials = idsOf(await unsuccessfulTrials(tx, [experimentId]));
    await inParts(trials, (some) => tryAgain(tx, some));
    return trials;
  });
}

async function tryAgain(tx: Tx, trialIds: readonly string[]): Promise<void> {
  await reopenCancelledOf(tx, trialIds); // first, since what failed of them for want of it is wanted again
  const wanted = [...trialIds, ...idsOf(await awaitedByAny(tx, [trialIds]))];
  const revived = await reviveTrials(tx, [...wanted, ...idsOf(await failedForWantOf(tx, [wanted]))], 'all');
  await settle(tx, revived);
}
