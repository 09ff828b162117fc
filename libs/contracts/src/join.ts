import { z } from 'zod';

/** A link with which machines join: what everybody may know of it. */
export const JoinLinkView = z.object({
  id: z.uuid(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().nullable(),
  uses: z.int(), // how many workers joined with it
});
export type JoinLinkView = z.infer<typeof JoinLinkView>;

export const CreateJoinLink = z.strictObject({
  hours: z
    .number()
    .positive()
    .max(24 * 365)
    .default(24),
});
export type CreateJoinLink = z.infer<typeof CreateJoinLink>;

/** A new link: the only time that its address is told, with the secret behind its #. */
export const NewJoinLink = JoinLinkView.extend({ url: z.url() });
export type NewJoinLink = z.infer<typeof NewJoinLink>;

/** What a machine that joins is told: secrets, as a worker needs them in its environment. */
export const JoinedView = z.object({
  joinId: z.uuid(),
  version: z.string(), // of the API
  environment: z.record(z.string(), z.string()),
});
export type JoinedView = z.infer<typeof JoinedView>;

/** The address and the secret of a join link. Throws a sentence where it is none; it does not quote it. */
export function readJoinUrl(text: string): { url: string; secret: string } {
  const parsed = URL.canParse(text) ? new URL(text) : null;
  const secret = /^#join=([\w-]{20,})$/.exec(parsed?.hash ?? '')?.[1];
  if (!parsed || !secret || !/^https?:$/.test(parsed.protocol))
    throw new Error(
      'this is no join link; expected http(s)://HOST:PORT/#join=…, as ./peftgrid up prints it (in a shell within quotes)',
    );
  return { url: `${parsed.origin}${parsed.pathname}`.replace(/\/+$/, ''), secret };
}
