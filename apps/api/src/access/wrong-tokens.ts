import { ThrottlerStorageService } from '@nestjs/throttler';

const windowMs = 60_000;
const most = 20; // wrong tokens of an address in a window
const blockMs = 60_000;

export interface Counted {
  blockedSeconds: number; // 0: not blocked
  first: boolean; // whether the block begins with this one
}

/** Counts wrong tokens by address. */
export class WrongTokens {
  private readonly storage = new ThrottlerStorageService();
  private readonly blocked = new Map<string, number>(); // until when, as Date.now()

  async count(address: string): Promise<Counted> {
    const { isBlocked, timeToBlockExpire } = await this.storage.increment(
      networkOf(address),
      windowMs,
      most,
      blockMs,
      'token',
    );
    if (!isBlocked) return { blockedSeconds: 0, first: false };
    const now = Date.now();
    for (const [other, until] of this.blocked) if (until <= now) this.blocked.delete(other);
    const first = !this.blocked.has(networkOf(address));
    if (first) this.blocked.set(networkOf(address), now + timeToBlockExpire * 1000);
    return { blockedSeconds: Math.max(1, timeToBlockExpire), first };
  }

  stop(): void {
    this.storage.onApplicationShutdown();
  }
}

/** Whoever has one address of IPv6 has 2^64 of them. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('%')[0]!.split('::');
  const [before, after] = [head, tail ?? ''].map((part) => (part ? part.split(':') : []));
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before!.length - after!.length);
  return `${[...before!, ...Array<string>(zeros).fill('0'), ...after!].slice(0, 4).join(':')}::/64`;
}
