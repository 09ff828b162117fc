import { constants, deflateRawSync } from 'node:zlib';

/** What every gzip stream begins with (RFC 1952): deflate, no name, no time, an unknown system. */
export const gzipHead = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);

/** A text for many streams, made into bytes and compressed once. The blocks of each are whole, end at a byte
 *  and refer to nothing before them (RFC 1951), so that a gzip stream may be any of them after another. */
export class SharedText {
  readonly plain: Buffer;
  private packed: Buffer | null = null;

  constructor(text: string) {
    this.plain = Buffer.from(text);
  }

  /** As it follows `gzipHead` and other texts. */
  get gzipped(): Buffer {
    this.packed ??= deflateRawSync(this.plain, { level: 3, finishFlush: constants.Z_SYNC_FLUSH });
    return this.packed;
  }
}

/** Whether a request's Accept-Encoding takes gzip. */
export const takesGzip = (accepted: string | string[] | undefined): boolean =>
  /(^|,)\s*(gzip|\*)\s*(;\s*q=(?!0(\.0*)?\s*(,|$))[\d.]+\s*)?(,|$)/i.test([accepted ?? ''].flat().join(','));
