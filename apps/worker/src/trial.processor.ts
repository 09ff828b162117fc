import { BullRegistrar } from '@nestjs/bullmq';
import { Inject, Injectable } from '@nestjs/common';
import type { TrialJob } from '#contracts/queue.js';
import { QueueConnection } from '#queue/backend.js';
import { BellProcessor } from '#queue/bell-processor.js';
import { runAttempt, type WorkerServices } from './run-attempt.js';
import { SERVICES } from './tokens.js';

/** Runs the attempts that the bell names, as many jobs at a time as the worker has slots. */
@Injectable()
export class TrialProcessor extends BellProcessor {
  constructor(
    registrar: BullRegistrar,
    connection: QueueConnection,
    @Inject(SERVICES) private readonly services: WorkerServices,
  ) {
    super(registrar, connection);
  }

  /** What runs has the worker's own signal, which aborts before the listener's does. */
  protected hear(job: TrialJob): Promise<void> {
    return runAttempt(job, this.services);
  }
}
