import { createHash, randomBytes } from 'node:crypto';
import type { JoinLinkView } from '#contracts/join.js';
import type { Database } from './database.js';

/** Secrets are kept as digests. They are 256 random bits: nothing is gained by a slow hash. */
export const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

export const newSecret = (): string => randomBytes(32).toString('base64url');

interface Row extends Omit<JoinLinkView, 'createdAt' | 'expiresAt' | 'revokedAt'> {
  createdAt: Date;
  expiresAt: Date;
  revokedAt: Date | null;
}

const columns = 'id, "createdAt", "expiresAt", "revokedAt", uses';

const viewOf = ({ createdAt, expiresAt, revokedAt, ...row }: Row): JoinLinkView => ({
  ...row,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
  revokedAt: revokedAt?.toISOString() ?? null,
});

/** A new link for so many hours. Its secret is told here and never again. */
export async function createJoinLink(db: Database, hours: number): Promise<{ link: JoinLinkView; secret: string }> {
  const secret = newSecret();
  const { rows } = await db.pool.query<Row>(
    `insert into "JoinLink" (id, digest, "expiresAt") values (gen_random_uuid(), $1, now() + $2 * interval '1 hour') returning ${columns}`,
    [digestOf(secret), hours],
  );
  return { link: viewOf(rows[0]!), secret };
}

/** Newest first; those that expired more than 30 days ago are forgotten. */
export async function joinLinks(db: Database): Promise<JoinLinkView[]> {
  await db.pool.query(`delete from "JoinLink" where "expiresAt" < now() - interval '30 days'
    and id not in (select "joinId" from "Worker" where "joinId" is not null)`);
  const { rows } = await db.pool.query<Row>(`select ${columns} from "JoinLink" order by "createdAt" desc`);
  return rows.map(viewOf);
}

/** Ends a link: nobody joins with it any more, and the workers that did end. Null: there is none that begins like this; `several`:
 *  there is more than one. */
export async function revokeJoinLink(db: Database, beginning: string): Promise<JoinLinkView | 'several' | null> {
  const { rows } = await db.pool.query<Row>(`select ${columns} from "JoinLink" where starts_with(id::text, $1)`, [
    beginning.toLowerCase(),
  ]);
  if (rows.length > 1) return 'several';
  if (!rows[0]) return null;
  const { rows: revoked } = await db.pool.query<Row>(
    `update "JoinLink" set "revokedAt" = coalesce("revokedAt", now()) where id = $1 returning ${columns}`,
    [rows[0].id],
  );
  return viewOf(revoked[0]!);
}

/** Takes a secret as a worker joins with it. `unknown`: it is none of ours. The others are told apart, so that a sentence can. */
export async function useJoinLink(
  db: Database,
  secret: string,
): Promise<{ state: 'valid' | 'expired' | 'revoked'; link: JoinLinkView } | { state: 'unknown' }> {
  const { rows } = await db.pool.query<Row & { expired: boolean }>(
    `update "JoinLink" set uses = uses + case when "revokedAt" is null and "expiresAt" > now() then 1 else 0 end
     where digest = $1 returning ${columns}, "expiresAt" <= now() expired`,
    [digestOf(secret)],
  );
  if (!rows[0]) return { state: 'unknown' };
  const { expired, ...row } = rows[0];
  return { state: row.revokedAt ? 'revoked' : expired ? 'expired' : 'valid', link: viewOf(row) };
}

/** Whether a secret is that of a worker that is there, or was within the last hour, and whose link was not revoked. */
export async function isWorkersToken(db: Database, secret: string): Promise<boolean> {
  const { rowCount } = await db.pool.query(
    `select from "Worker" w where "tokenDigest" = $1 and "seenAt" > now() - interval '1 hour'
     and not exists (select from "JoinLink" j where j.id = w."joinId" and j."revokedAt" is not null)`,
    [digestOf(secret)],
  );
  return rowCount === 1;
}
