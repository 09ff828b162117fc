import { createHash, randomBytes } from 'node:crypto';
import type { JoinLinkView } from '#contracts/join.js';
import type { Database } from './database.js';
import {
  countJoin,
  deleteOldJoinLinks,
  endJoinLink,
  insertJoinLink,
  type JoinLinkRow,
  selectJoinLinks,
  selectJoinLinksLike,
  selectWorkerByToken,
} from './sql/join-links.js';
import { only } from './statement.js';

const keptDays = 30;

/** Secrets are kept as digests. They are 256 random bits: nothing is gained by a slow hash. */
export const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

export const newSecret = (): string => randomBytes(32).toString('base64url');

const viewOf = ({ createdAt, expiresAt, revokedAt, ...row }: JoinLinkRow): JoinLinkView => ({
  ...row,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
  revokedAt: revokedAt?.toISOString() ?? null,
});

/** A new link for so many hours. Its secret is told here and never again. */
export async function createJoinLink(
  db: Database,
  hours: number,
): Promise<{ link: JoinLinkView; secret: string }> {
  const secret = newSecret();
  return { link: viewOf(only(await insertJoinLink(db.pool, [digestOf(secret), hours]))), secret };
}

/** Newest first. Old ones are forgotten. */
export async function joinLinks(db: Database): Promise<JoinLinkView[]> {
  await deleteOldJoinLinks(db.pool, [keptDays]);
  return (await selectJoinLinks(db.pool, [])).map(viewOf);
}

/** Ends a link: nobody joins with it any more, and the workers that did end. Null: there is none that begins
 *  like this; `several`: there is more than one. */
export async function revokeJoinLink(
  db: Database,
  beginning: string,
): Promise<JoinLinkView | 'several' | null> {
  const [first, second] = await selectJoinLinksLike(db.pool, [beginning.toLowerCase()]);
  if (second) return 'several';
  return first ? viewOf(only(await endJoinLink(db.pool, [first.id]))) : null;
}

export type JoinUse = { state: 'valid' | 'expired' | 'revoked'; link: JoinLinkView } | { state: 'unknown' };

/** Takes a secret as a worker joins with it. `unknown`: it is none of ours. The others are told apart, so
 *  that a sentence can. */
export async function useJoinLink(db: Database, secret: string): Promise<JoinUse> {
  const [row] = await countJoin(db.pool, [digestOf(secret)]);
  if (!row) return { state: 'unknown' };
  const { expired, ...link } = row;
  return { state: link.revokedAt ? 'revoked' : expired ? 'expired' : 'valid', link: viewOf(link) };
}

/** Whether a secret is that of a worker that is there, or was within the last hour, and whose link was not
 *  revoked. */
export async function isWorkersToken(db: Database, secret: string): Promise<boolean> {
  return (await selectWorkerByToken(db.pool, [digestOf(secret)])).length === 1;
}
