import { BullRegistrar, OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq';
import type { Job } from 'bullmq';
import { TrialJob } from '#contracts/queue.js';
import { type QueueConnection, queueName, type TrialsWorker } from './backend.js';

const gone = { count: 0 }; // finished jobs are not kept: the record is in Postgres
/** A crashed listener's job is rung again in at most lockDuration + stalledInterval, however often that
 *  happens. */
const patience = { lockDuration: 15_000, stalledInterval: 5_000, maxStalledCount: 1_000_000 };

/** Which queue a BellProcessor hears: that of workers without labels, or another. */
export const hears = (queue = queueName): ClassDecorator =>
  Processor(queue, { ...patience, autorun: false, removeOnComplete: gone, removeOnFail: gone });

/** Who hears the doorbell: what a Nest application that trains has as its processor. It hears nothing until
 *  `listen`. */
export abstract class BellProcessor extends WorkerHost<TrialsWorker> {
  private readonly stopping = new AbortController();
  private listening = false;

  constructor(
    private readonly registrar: BullRegistrar,
    private readonly connection: QueueConnection,
  ) {
    super();
  }

  /** Does a job. Its signal aborts when the queue has given the job to somebody else, or at `stop`; what it
   *  throws is logged and the job is over. */
  protected abstract hear(job: TrialJob, signal: AbortSignal): Promise<void>;

  /** BullMQ's: it hands a signal to a function of three parameters. */
  async process(job: Job<TrialJob>, _token?: string, taken?: AbortSignal): Promise<void> {
    const { signal } = this.stopping;
    await this.hear(TrialJob.parse(job.data), taken ? AbortSignal.any([taken, signal]) : signal).catch(
      (error: Error) => this.connection.log(`job ${job.id}: ${error.message}`),
    );
  }

  /** Registers with the queue and takes at most `slots` jobs at a time; nothing where it was stopped before.
   */
  async listen(slots: number): Promise<void> {
    if (this.stopping.signal.aborted) return;
    this.registrar.register();
    this.listening = true;
    this.worker.concurrency = slots;
    await this.worker.waitUntilReady();
    void this.worker.run().catch((error: Error) => this.onError(error));
  }

  /** Takes jobs (true), or takes none until it is told to; what runs goes on. A job may still come that was
   *  under way. */
  take(jobs: boolean): void {
    if (!this.listening) return;
    if (jobs) this.worker.resume();
    else this.worker.pause(true).catch((error: Error) => this.onError(error));
  }

  /** Takes no more, aborts the signals of what runs and waits for it. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error('the listener is closing'));
    if (this.listening) await this.worker.close();
  }

  @OnWorkerEvent('error')
  onError(error: Error): void {
    this.connection.log(`listener: ${error.message}`);
  }

  @OnWorkerEvent('lockRenewalFailed')
  onLockRenewalFailed(ids: string[]): void {
    for (const id of ids) this.worker.cancelJob(id, 'the queue gave the job to another worker');
  }
}
