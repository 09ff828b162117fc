import type { PoolClient } from 'pg';
import type { ExperimentEvent } from '#contracts/experiment.js';
import { eventsChannel } from './channels.js';
import { inParts } from './in-parts.js';
import { insertEvents } from './sql/insert-events.js';
import { rowsOf } from './statement.js';

type Told = ExperimentEvent extends infer E ? (E extends { id: number } ? Omit<E, 'id'> : never) : never;

export interface NewEvent {
  experimentId: string | null;
  trialId: string | null;
  payload: Told;
}

interface Outbox {
  events: NewEvent[];
  woken: Set<string>; // channels
}

/** What transactions have to tell, by the connection that each has to itself. */
const outboxes = new WeakMap<PoolClient, Outbox>();

/** Forgets what a transaction before this one had to tell and was rolled back with. */
export function openOutbox(tx: PoolClient): void {
  outboxes.set(tx, { events: [], woken: new Set() });
}

/** Has events written when the transaction commits, and the watchers woken and whoever hears `woken`. */
export function tell(tx: PoolClient, events: readonly NewEvent[], woken: readonly string[] = []): void {
  const outbox = outboxes.get(tx);
  if (!outbox) throw new Error('events are told within a transaction');
  for (const event of events) outbox.events.push(event);
  if (events.length) for (const channel of woken) outbox.woken.add(channel);
}

/** Writes the events in the order in which they were told, in one statement for all that the transaction did.
 *  To be called last in it. */
export async function writeOutbox(tx: PoolClient): Promise<void> {
  const { events, woken } = outboxes.get(tx)!;
  outboxes.delete(tx);
  await inParts(events, async (some) => {
    await insertEvents(tx, [
      rowsOf(some.map((event, place) => ({ place, ...event }))),
      [eventsChannel, ...woken],
    ]);
  });
}
