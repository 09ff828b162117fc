import 'reflect-metadata';
import pino from 'pino';
import { visibleLine, visibleLines } from '#analysis/visible-text.js';
import { serve } from './serve.js';
import { settings } from './settings.js';

const destination = pino.destination({ dest: 2, sync: true });
/** JSON escapes less than a terminal obeys. */
const log = pino({ name: 'api' }, { write: (line) => void destination.write(visibleLines(line)) });

async function main(): Promise<void> {
  const api = await serve(settings(process.env), log);
  let closing = false;
  const end = (): void => {
    if (closing) return;
    closing = true;
    api.close().then(() => process.exit(0), fail);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end);
  if (process.channel) process.on('disconnect', end); // whoever started us is gone
  if (process.channel && !process.connected) end();
  process.stdout.write(`peftgrid api listening on ${api.url}\n`);
}

function fail(error: unknown): void {
  process.stderr.write(
    `peftgrid api: ${visibleLine(error instanceof Error ? error.message : String(error))}\n`,
  );
  process.exit(1);
}

main().catch(fail);
