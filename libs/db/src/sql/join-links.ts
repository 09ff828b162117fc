import { z } from 'zod';
import { JoinLinkView } from '#contracts/join.js';
import { command, statement } from '../statement.js';

const Row = JoinLinkView.extend({ createdAt: z.date(), expiresAt: z.date(), revokedAt: z.date().nullable() });
export type JoinLinkRow = z.infer<typeof Row>;

const columns = 'id, "createdAt", "expiresAt", "revokedAt", uses';

/** A link with a secret of digest $1, for $2 hours. */
export const insertJoinLink = statement(
  'insert-join-link',
  Row,
  `
insert into "JoinLink" (id, digest, "expiresAt") values (gen_random_uuid(), $1, now() + $2::float8 * interval '1 hour')
returning ${columns}`,
);

export const selectJoinLinks = statement(
  'select-join-links',
  Row,
  `select ${columns} from "JoinLink" order by "createdAt" desc`,
);

/** Links that expired more than $1 days ago, but for those of workers that are there. */
export const deleteOldJoinLinks = command(
  'delete-old-join-links',
  `
delete from "JoinLink" where "expiresAt" < now() - $1::float8 * interval '1 day'
and id not in (select "joinId" from "Worker" where "joinId" is not null)`,
);

/** Those whose id begins with $1. */
export const selectJoinLinksLike = statement(
  'select-join-links-like',
  Row,
  `select ${columns} from "JoinLink" where starts_with(id::text, $1)`,
);

/** Link $1 lets nobody in from now on. */
export const endJoinLink = statement(
  'end-join-link',
  Row,
  `update "JoinLink" set "revokedAt" = coalesce("revokedAt", now()) where id = $1 returning ${columns}`,
);

/** Counts a use of the link with a secret of digest $1, if it lets in. */
export const countJoin = statement(
  'count-join',
  Row.extend({ expired: z.boolean() }),
  `
update "JoinLink" set uses = uses + case when "revokedAt" is null and "expiresAt" > now() then 1 else 0 end
where digest = $1 returning ${columns}, "expiresAt" <= now() expired`,
);

/** The worker whose token has digest $1, if it was seen within an hour and its link was not revoked. */
export const selectWorkerByToken = statement(
  'worker-by-token',
  z.object({ id: z.string() }),
  `
select w.id from "Worker" w where "tokenDigest" = $1 and "seenAt" > now() - interval '1 hour'
and not exists (select from "JoinLink" j where j.id = w."joinId" and j."revokedAt" is not null)`,
);
