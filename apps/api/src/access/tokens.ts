import { createHash, timingSafeEqual } from 'node:crypto';

export interface Token {
  name: string; // who is logged
  digest: Buffer;
}

const shortest = 16; // characters
const fewestDistinct = 8;
const expected = `expected ${shortest} or more characters, such as "openssl rand -hex 32" prints`;

/** Tokens are held as digests: equal lengths, as the comparison needs, and nothing that could be printed. */
export const tokenOf = (name: string, secret: string): Token => ({ name, digest: digest(secret) });

/** The token that was sent as Bearer; null where it is none of them, undefined where none was sent. Every
 *  token is compared in constant time. */
export function sentToken(header: string | undefined, tokens: readonly Token[]): Token | null | undefined {
  const sent = sentSecret(header);
  if (sent === undefined) return undefined;
  const given = digest(sent);
  const equal = tokens.filter((token) => timingSafeEqual(given, token.digest));
  return equal[0] ?? null;
}

/** What was sent as Bearer, whatever it is; undefined where nothing was. */
export const sentSecret = (header: string | undefined): string | undefined =>
  /^Bearer +(\S.*)$/i.exec(header ?? '')?.[1]?.trimEnd();

/** The password that was sent as Basic (RFC 7617), whoever's it is; undefined where none was. */
export function sentPassword(header: string | undefined): string | undefined {
  const encoded = /^Basic +([\w+/=-]+)$/i.exec(header?.trim() ?? '')?.[1];
  return encoded && /^[^:]*:(.+)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8'))?.[1];
}

/** What is wrong with a secret as a token, or null. Where others can reach the API it must be hard to guess.
 */
export function tokenFault(secret: string, { guessed }: { guessed: boolean }): string | null {
  if (!/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(secret))
    return 'has a character that a request cannot carry; expected printable ASCII without blanks at its ends';
  if (!guessed) return null;
  if (secret.length < shortest) return `has ${secret.length} characters; ${expected}`;
  const distinct = new Set(secret).size;
  return distinct < fewestDistinct ? `has ${distinct} different characters; ${expected}` : null;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
