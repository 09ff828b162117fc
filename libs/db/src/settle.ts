import { dispatchChannel } from './channels.js';
import { inParts } from './in-parts.js';
import { tellTrials } from './events.js';
import { tell } from './outbox.js';
import { anyConcerned } from './sql/any-concerned.js';
import { blockedAmong } from './sql/blocked-among.js';
import { endDispatched } from './sql/end-dispatched.js';
import { failOrphans } from './sql/fail-orphans.js';
import { finishExperiments } from './sql/finish-experiments.js';
import { holdBack } from './sql/hold-back.js';
import { release } from './sql/release.js';
import { only } from './statement.js';
import type { Tx } from './transition.js';

/** Draws the consequences of these trials having changed, within the same transition. What was about to run
 *  and has lost a checkpoint is blocked again. Blocked trials whose checkpoints are all there become ready.
 *  Those that wait for what cannot come any more fail. Experiments with nothing left to run are finished.
 *  Tells of the trials themselves and of everything that followed, and wakes the dispatcher. */
export async function settle(tx: Tx, trialIds: readonly string[]): Promise<void> {
  const touched = new Set(trialIds);
  await inParts(trialIds, async (some) => {
    for (const id of await follow(tx, some)) touched.add(id);
  });
  await tellTrials(tx, [...touched], [dispatchChannel]);
  await endExperiments(tx, [...touched]);
}

/** What changed because these did. Usually nothing waits for them, which one look tells. */
async function follow(tx: Tx, trialIds: string[]): Promise<string[]> {
  if (!only(await anyConcerned(tx, [trialIds])).any) return [];
  const followed = await heldBack(tx, trialIds);
  for (let changed = trialIds; changed.length > 0;) {
    const blocked = idsOf(await blockedAmong(tx, [changed]));
    const failed: string[] = [];
    await inParts(blocked, async (some) => {
      followed.push(...idsOf(await release(tx, [some])));
      failed.push(...idsOf(await failOrphans(tx, [some])));
    });
    followed.push(...failed);
    changed = failed;
  }
  return followed;
}

/** Those of them, and of what waits for them, whose checkpoints were lost before a worker took them. */
async function heldBack(tx: Tx, trialIds: string[]): Promise<string[]> {
  const held = idsOf(await holdBack(tx, [trialIds]));
  if (held.length)
    await endDispatched(tx, [held, 'recalled before a worker took it: what it starts from was lost']);
  return held;
}

/** Finishes the experiments of these trials of which nothing can run any more. */
export async function endExperiments(tx: Tx, trialIds: readonly string[]): Promise<void> {
  await inParts(trialIds, async (some) => {
    const ended = await finishExperiments(tx, [some]);
    tell(
      tx,
      ended.map(({ id }) => ({
        experimentId: id,
        trialId: null,
        payload: { type: 'experiment', state: 'finished' },
      })),
    );
  });
}

const idsOf = (rows: readonly { id: string }[]): string[] => rows.map(({ id }) => id);
