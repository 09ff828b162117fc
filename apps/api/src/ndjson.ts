import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';

/** JSON texts, one a line. Nothing more is read while the client takes nothing. */
export function ndjson(parts: AsyncIterable<readonly string[]>): StreamableFile {
  async function* lines(): AsyncGenerator<string> {
    for await (const texts of parts) if (texts.length) yield `${texts.join('\n')}\n`;
  }
  return new StreamableFile(Readable.from(lines(), { objectMode: false }), { type: 'application/x-ndjson' });
}
