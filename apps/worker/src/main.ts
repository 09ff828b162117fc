import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { visibleLine } from '#analysis/visible-text.js';
import { codeVersion } from '#db/code-version.js';
import { newSecret } from '#db/join-links.js';
import { Asked } from './asked.js';
import { Heart } from './heart.js';
import { settings } from './settings.js';
import { TrialProcessor } from './trial.processor.js';
import { EndedEarly, WorkerModule } from './worker.module.js';

/** The worker: owns a device, takes attempts when the bell rings and has its trainers run them. A standalone
 *  Nest application: worker.module.ts says in which order its parts open, and closing.ts in which they close.
 */

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Messages hold names from outside, and somebody reads them in a terminal. */
const say = (line: string): void => void process.stderr.write(`${visibleLine(line)}\n`);
const log = (line: string): void => say(`${new Date().toISOString()} ${line}`);

async function main(): Promise<void> {
  const asked = new Asked(settings(process.env), codeVersion(), newSecret(), log);
  const { closing, draining, settings: own } = asked;
  // Nest hears a signal once; the second one ends the patience of the first.
  for (const signal of signals) process.on(signal, () => draining.start());
  if (process.connected) process.on('disconnect', () => closing.abort()); // whoever started us is gone

  const app = await NestFactory.createApplicationContext(WorkerModule.of(asked), {
    logger: false,
    abortOnError: false,
  });
  const end = async (): Promise<never> => {
    await app.close();
    process.exit(asked.exitCode);
  };
  if (draining.begun) return end();
  app.enableShutdownHooks([...signals], { useProcessExit: true });
  closing.signal.addEventListener('abort', () => void end());
  await app.get(Heart).start();
  const processor = app.get(TrialProcessor);
  await processor.listen(own.slots);
  process.stdout.write('peftgrid worker ready\n');
  const slots = `${own.slots} slot${own.slots === 1 ? '' : 's'}`;
  log(`ready: ${slots} on ${app.get(Heart).device}; waits for trials`);
}

main().catch((error: Error) => {
  if (error instanceof EndedEarly) process.exit(0);
  say(`peftgrid worker: ${error.message}`);
  process.exit(1);
});
