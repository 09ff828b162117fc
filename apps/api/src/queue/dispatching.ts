import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Doorbell } from '#queue/doorbell.js';
import { SERVICES, type Services } from '../services.js';
import { type Dispatcher, type DispatcherServices, startDispatcher } from './dispatcher.js';

/** The dispatcher as a part of the application: it rings the application's bell, and stops before the queue
 *  closes. */
@Injectable()
export class Dispatching implements OnModuleDestroy {
  private running: Dispatcher | null = null;

  constructor(
    @Inject(SERVICES) private readonly services: Services,
    private readonly doorbell: Doorbell,
  ) {}

  async start(wish: Omit<DispatcherServices, 'db' | 'queue'>): Promise<void> {
    this.running = await startDispatcher({ db: this.services.db, queue: this.doorbell, ...wish });
  }

  /** Since it last looked what there is to do; 0 where it was not started. */
  get silentMs(): number {
    return this.running ? performance.now() - this.running.lookedAt() : 0;
  }

  async onModuleDestroy(): Promise<void> {
    await this.running?.stop();
  }
}
