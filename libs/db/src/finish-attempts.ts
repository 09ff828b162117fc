import type { FailureCause } from '#contracts/trial.js';
import type { Verdict } from '#contracts/trainer-messages.js';
import { dispatchChannel } from './channels.js';
import type { Database } from './database.js';
import { freshStory, tellStories } from './events.js';
import { refused } from './record-progress.js';
import { endExperiments, settle } from './settle.js';
import { countCrash } from './sql/count-crash.js';
import { failForGood } from './sql/fail-for-good.js';
import { heldTrials } from './sql/held-trials.js';
import { returnHeld } from './sql/return-held.js';
import { succeed } from './sql/succeed.js';
import { rowsOf } from './statement.js';
import { transition, transitionTogether, type Tx } from './transition.js';
import type { TrialStory } from './why.js';

const mostCrashes = 3;
const mostLosses = 10;
const crashes = new Set<FailureCause>(['error', 'oom', 'killed', 'timeout']);

type Succeeded = Extract<Verdict, { verdict: 'succeeded' }>;
type Unfinished = Exclude<Verdict, Succeeded>;

const finishTogether = transitionTogether<readonly Verdict[], string[]>(async (tx, asks) => {
  // The first word on an attempt counts; whoever says another is refused, as if it had come later.
  const verdicts = new Map<string, { verdict: Verdict; by: number }>();
  asks.forEach((asked, by) => {
    for (const verdict of asked)
      if (!verdicts.has(verdict.attemptId)) verdicts.set(verdict.attemptId, { verdict, by });
  });
  const finished = await finish(
    tx,
    [...verdicts.values()].map(({ verdict }) => verdict),
  );
  return asks.map((asked, by) => {
    const accepted = [...finished].filter((id) => verdicts.get(id)!.by === by);
    return refused(asked, new Set(accepted));
  });
});

/** Ends attempts as their trainer said. Diverged and invalid are final; a crash (error, oom, killed, timeout)
 *  is tried again until the third. A trial that was stopped without anybody having asked for it any more goes
 *  back to the queue. Returns the ids that were refused: lost, or finished before. */
export function finishAttempts(db: Database, verdicts: readonly Verdict[]): Promise<string[]> {
  return finishTogether(db, verdicts);
}

/** The attempts that were still held. A success that nobody waits for has no consequence but an experiment's
 *  end, which is told last: whoever hears of it has heard of every trial. */
async function finish(tx: Tx, verdicts: readonly Verdict[]): Promise<ReadonlySet<string>> {
  const finished = new Set<string>();
  const settled: string[] = []; // trials
  const alone: TrialStory[] = [];
  const succeeded = verdicts.filter((v): v is Succeeded => v.verdict === 'succeeded');
  if (succeeded.length) {
    const said = succeeded.map(({ attemptId, summary }) => ({
      attemptId,
      summary,
      stepMs: summary.stepMs / (summary.gang ?? 1), // its share, as estimates need it
    }));
    for (const { attemptId, trialId, steps, awaited } of await succeed(tx, [rowsOf(said)])) {
      finished.add(attemptId);
      if (awaited) settled.push(trialId);
      else alone.push(freshStory({ trialId, state: 'succeeded', step: steps, steps }));
    }
  }
  for (const verdict of verdicts) {
    if (verdict.verdict === 'succeeded') continue;
    const trialId = await end(tx, verdict);
    if (!trialId) continue;
    finished.add(verdict.attemptId);
    settled.push(trialId);
  }
  tellStories(tx, alone, [dispatchChannel]);
  await settle(tx, settled);
  await endExperiments(tx, alone.map((trial) => trial.trialId)); // prettier-ignore
  return finished;
}

/** The trial's id, or undefined where the attempt is no longer the one that may write. */
async function end(tx: Tx, verdict: Unfinished): Promise<string | undefined> {
  const { attemptId } = verdict;
  if (verdict.verdict === 'cancelled')
    return (await returnAttempts(tx, [attemptId], { reason: 'stopped', loss: false }))[0];
  const { cause, message } = verdict;
  const [ended] = crashes.has(cause)
    ? await countCrash(tx, [attemptId, cause, message, mostCrashes])
    : await failForGood(tx, [attemptId, cause, message]);
  return ended?.trialId;
}

/** Gives attempts back unfinished (a worker shuts down, its machine has a fault): their trials are queued
 *  again and no crash is counted. `loss`: it counts among the workers that were lost with them. Returns the
 *  ids that were refused: lost. */
export async function giveBack(
  db: Database,
  attemptIds: readonly string[],
  reason: string,
  { loss = false } = {},
): Promise<string[]> {
  return transition(db, async (tx) => {
    const held = (await heldTrials(tx, [attemptIds])).map((row) => row.attemptId);
    await settle(tx, await returnAttempts(tx, held, { reason, loss }));
    return attemptIds.filter((id) => !held.includes(id));
  });
}

/** Ends attempts that run without a verdict: the trial is ready again, or cancelled where that was asked for.
 *  A loss (a worker that vanished) is never the trial's crash; but a trial that ten workers were lost with,
 *  and no checkpoint in between, takes no eleventh. Returns the ids of the trials; attempts that may not
 *  write any more are left out. */
export async function returnAttempts(
  tx: Tx,
  attemptIds: readonly string[],
  { reason, loss }: { reason: string; loss: boolean },
): Promise<string[]> {
  const trials = await returnHeld(tx, [attemptIds, reason, loss ? 1 : 0, mostLosses]);
  return trials.map((trial) => trial.id);
}
