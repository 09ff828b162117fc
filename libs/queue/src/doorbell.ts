import { createHash } from 'node:crypto';
import type { TrialJob } from '#contracts/queue.js';
import { type QueueConnection, queueName, TrialsQueue } from './backend.js';

/** The doorbell between dispatcher and workers. It carries addresses of attempts and may lose or repeat them:
 *  Postgres says what is to be done, and a claim takes it once. */
export class Doorbell {
  private readonly queues = new Map<string, TrialsQueue>();
  private readonly tell = new Set<(queue: TrialsQueue) => void>();

  constructor(
    private readonly queue: TrialsQueue,
    private readonly connection: QueueConnection,
  ) {
    this.add(queue);
  }

  /** Puts jobs into a queue: that of workers without labels, or another. A job that is there already is not
   *  put in twice. */
  async ring(jobs: readonly TrialJob[], queue = queueName): Promise<void> {
    const bulk = jobs.map((job) => ({
      name: queueName,
      data: job,
      opts: { jobId: idOf(job), removeOnComplete: true, removeOnFail: true },
    }));
    if (bulk.length) await this.called(queue).addBulk(bulk);
  }

  /** Calls `tell` for every queue beside the common one, once it is used. */
  onQueue(tell: (queue: TrialsQueue) => void): void {
    this.tell.add(tell);
    for (const queue of this.queues.values()) if (queue !== this.queue) tell(queue);
  }

  /** The common queue is Nest's own. */
  async onApplicationShutdown(): Promise<void> {
    const others = [...this.queues.values()].filter((queue) => queue !== this.queue);
    await Promise.all(others.map((queue) => queue.close()));
  }

  private called(name: string): TrialsQueue {
    const known = this.queues.get(name);
    if (known) return known;
    const queue = this.add(new TrialsQueue(name, { connection: this.connection.options }));
    for (const tell of this.tell) tell(queue);
    return queue;
  }

  private add(queue: TrialsQueue): TrialsQueue {
    this.queues.set(queue.name, queue);
    queue.on('error', (error: Error) => this.connection.log(`queue: ${error.message}`));
    return queue;
  }

  /** Jobs that nobody has taken yet. Throws where the queue does not answer. */
  depth(): Promise<number> {
    return this.queue.getWaitingCount();
  }
}

/** Equal for equal jobs; a gang of which a member was given back is another job. */
function idOf(job: TrialJob): string {
  return `job-${createHash('sha256').update(JSON.stringify(job)).digest('hex').slice(0, 32)}`;
}
