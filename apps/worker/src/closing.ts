import { rm } from 'node:fs/promises';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { drainWorker, forgetWorker } from '#db/workers.js';
import type { Asked } from './asked.js';
import { Heart } from './heart.js';
import type { WorkerServices } from './run-attempt.js';
import { ASKED, CANCELS, SERVICES } from './tokens.js';
import { TrialProcessor } from './trial.processor.js';

const farewellMs = 5_000; // for telling a Postgres that may be away that we go

/** The order in which a worker ends, which is what keeps trials safe. Nest calls each hook of all modules
 *  before the next hook of any: the queue's own connections go in the last. */
@Injectable()
export class Closing implements OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    @Inject(ASKED) private readonly asked: Asked,
    @Inject(SERVICES) private readonly services: WorkerServices,
    @Inject(CANCELS) private readonly cancels: { close(): Promise<void> },
    private readonly heart: Heart,
    private readonly processor: TrialProcessor,
  ) {}

  /** First: nothing new is taken. What runs ends, or its patience does, and then everybody is told to. */
  async onModuleDestroy(): Promise<void> {
    const { db, id, log, leases } = this.services;
    await this.asked.draining.over(
      async () => {
        this.processor.take(false);
        await drainWorker(db, id).catch((error: Error) => log(error.message));
      },
      () => leases.size,
    );
  }

  /** Second: what runs gives itself back. Only then do its trainers go. */
  async beforeApplicationShutdown(): Promise<void> {
    this.heart.stop();
    await this.processor.stop();
    await this.services.settling.all();
    await this.services.trainers.close();
  }

  /** Last: nothing is held any more, and the database is told so. */
  async onApplicationShutdown(): Promise<void> {
    const { folders, log } = this.services;
    await rm(folders.scratch, { recursive: true, force: true }).catch((error: Error) => log(error.message));
    setTimeout(() => process.exit(this.asked.exitCode), farewellMs).unref();
    await this.farewell();
  }

  private async farewell(): Promise<void> {
    const { db, id, log } = this.services;
    await forgetWorker(db, id).catch((error: Error) => log(`farewell: ${error.message}`));
    await Promise.allSettled([this.cancels.close(), db.close()]);
  }
}
