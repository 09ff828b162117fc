import { Client, escapeIdentifier } from 'pg';
import { ExperimentEvent } from '#contracts/experiment.js';
import type { Database } from './database.js';
import { inParts } from './in-parts.js';
import { trialStories, why } from './why.js';
import type { Tx } from './transition.js';

export const eventsChannel = 'peftgrid_events';
/** Told when a running trial is to stop; the lease's renewal says which. */
export const cancelChannel = 'peftgrid_cancel';

type Told = ExperimentEvent extends infer E ? (E extends { id: number } ? Omit<E, 'id'> : never) : never;

export interface NewEvent {
  experimentId: string | null;
  trialId: string | null;
  payload: Told;
}

/** Events of an experiment and of all its trials with ids above `cursor`, oldest first. An id that is not there yet will be above every
 *  id that is: a cursor misses and repeats nothing. */
export async function eventsAfter(db: Database, experimentId: string, cursor: number, limit = 1000): Promise<ExperimentEvent[]> {
  const { rows } = await db.pool.query<{ id: string; payload: object }>(
    `select id, payload from "Event" where id > $2 and ("experimentId" = $1
       or "trialId" in (select "trialId" from "ExperimentTrial" where "experimentId" = $1)) order by id limit $3`,
    [experimentId, cursor, limit],
  );
  return rows.map((row) => ExperimentEvent.parse({ ...row.payload, id: Number(row.id) }));
}

/** The newest event's id; 0 before the first. Read it before a snapshot, and the events after it complete the snapshot. */
export async function latestEventId(db: Database): Promise<number> {
  const { rows } = await db.pool.query<{ id: string }>('select coalesce(max(id), 0) id from "Event"');
  return Number(rows[0]!.id);
}

/** Forgets metrics older than `days`, which their trials' curves keep, and states that a newer event of the same trial or experiment
 *  has replaced. Whoever comes with an older cursor still hears the newest state of everything. Returns how many. */
export async function pruneEvents(db: Database, days: number): Promise<number> {
  const { rowCount } = await db.pool.query(
    `delete from "Event" e where "createdAt" < now() - $1 * interval '1 day' and (payload ->> 'type' = 'metrics'
       or exists (select from "Event" n where n.id > e.id and n."trialId" = e."trialId" and n.payload ->> 'type' = e.payload ->> 'type')
       or exists (select from "Event" n where n.id > e.id and n."trialId" is null and n."experimentId" = e."experimentId"
                  and n.payload ->> 'type' = e.payload ->> 'type'))`,
    [days],
  );
  return rowCount ?? 0;
}

/** Writes events and wakes the watchers when the transition commits. */
export async function tell(tx: Tx, events: NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await tx.query(
    `insert into "Event" ("experimentId", "trialId", payload)
     select e, t, p from unnest($1::uuid[], $2::uuid[], $3::jsonb[]) with ordinality u(e, t, p, n) order by n`,
    [events.map((e) => e.experimentId), events.map((e) => e.trialId), events.map((e) => JSON.stringify(e.payload))],
  );
  await tx.query(`notify ${eventsChannel}`);
}

/** Tells what has become of these trials. */
export async function tellTrials(tx: Tx, trialIds: readonly string[]): Promise<void> {
  await inParts(trialIds, async (some) => {
    const stories = await trialStories(tx, some);
    await tell(
      tx,
      stories.map((s) => {
        const payload = { type: 'trial' as const, trialId: s.trialId, state: s.state, step: s.step, why: why(s) };
        return { experimentId: null, trialId: s.trialId, payload };
      }),
    );
  });
}

/** Calls `wake` after every notification on the channels, and after every reconnection, when some may have been missed. */
export async function listenTo(
  url: string,
  channels: string[],
  wake: (channel: string) => void,
): Promise<{ close(): Promise<void> }> {
  let closed = false;
  let client: Client;
  let retry: NodeJS.Timeout | undefined;
  const connect = async (): Promise<void> => {
    client = new Client({ connectionString: url, application_name: 'peftgrid-listen', keepAlive: true });
    const mine = client;
    const again = (): void => {
      if (closed || client !== mine || retry) return;
      retry = setTimeout(() => {
        retry = undefined;
        connect().then(() => channels.forEach(wake), again); // prettier-ignore
      }, 500);
    };
    client.on('error', again);
    client.on('end', again);
    client.on('notification', ({ channel }) => wake(channel));
    await client.connect();
    for (const channel of channels) await client.query(`listen ${escapeIdentifier(channel)}`);
  };
  await connect();
  const close = async (): Promise<void> => {
    closed = true;
    clearTimeout(retry);
    await client.end();
  };
  return { close };
}
