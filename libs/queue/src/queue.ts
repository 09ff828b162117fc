import { BullRegistrar } from '@nestjs/bullmq';
import { type INestApplicationContext, Inject, Injectable, Module, type Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { TrialJob } from '#contracts/queue.js';
import { QueueConnection, type QueueSettings } from './backend.js';
import { BellProcessor, hears } from './bell-processor.js';
import { Doorbell } from './doorbell.js';
import { QueueModule } from './queue.module.js';

type Handler = (job: TrialJob, signal: AbortSignal) => Promise<void>;

/** The queue for a program that is no Nest application itself. */
export interface TrialQueue extends Pick<Doorbell, 'ring' | 'depth'> {
  /** Calls `handler` as a BellProcessor hears, for at most `slots` jobs at a time. */
  listen(slots: number, handler: Handler): Promise<Listener>;
  close(): Promise<void>;
}

export interface Listener extends Pick<BellProcessor, 'take'> {
  /** Takes no more, aborts the signals of what runs and waits for it. */
  close(): Promise<void>;
}

const HANDLER = Symbol('handler');

@hears()
@Injectable()
class Handing extends BellProcessor {
  constructor(
    registrar: BullRegistrar,
    connection: QueueConnection,
    @Inject(HANDLER) private readonly handler: Handler,
  ) {
    super(registrar, connection);
  }

  protected hear(job: TrialJob, signal: AbortSignal): Promise<void> {
    return this.handler(job, signal);
  }
}

export async function openQueue(settings: QueueSettings): Promise<TrialQueue> {
  const app = await opened(settings);
  const doorbell = app.get(Doorbell);
  const listeners = new Set<Listener>();
  return {
    ring: (jobs) => doorbell.ring(jobs),
    depth: () => doorbell.depth(),
    async listen(slots, handler) {
      const own = await opened(settings, [Handing, { provide: HANDLER, useValue: handler }]);
      const processor = own.get(Handing);
      await processor.listen(slots);
      const close = async (): Promise<void> => {
        await processor.stop();
        await own.close();
      };
      let closed: Promise<void> | undefined;
      const listener: Listener = {
        take: (jobs) => processor.take(jobs),
        close: () => (closed ??= close()),
      };
      listeners.add(listener);
      return listener;
    },
    async close() {
      await Promise.all([...listeners].map((listener) => listener.close()));
      await app.close();
    },
  };
}

@Module({})
// oxlint-disable-next-line typescript/no-extraneous-class -- Nest names a module by a class
class OpenedModule {}

const opened = (settings: QueueSettings, providers: Provider[] = []): Promise<INestApplicationContext> =>
  NestFactory.createApplicationContext(
    {
      module: OpenedModule,
      imports: [QueueModule.forRoot(settings)],
      providers,
    },
    { logger: false, abortOnError: false },
  );
