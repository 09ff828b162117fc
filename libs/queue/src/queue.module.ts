import { BullModule, getQueueToken } from '@nestjs/bullmq';
import { type DynamicModule, type FactoryProvider, Module, type ModuleMetadata } from '@nestjs/common';
import { QueueConnection, queueName, type QueueSettings, TrialsQueue, TrialsWorker } from './backend.js';
import { Doorbell } from './doorbell.js';

@Module({})
// oxlint-disable-next-line typescript/no-extraneous-class -- Nest names a module by a class
class ConnectionModule {}

export interface AsyncQueue {
  name?: string; // of the queue that a processor of the application hears; absent: the common one
  imports?: NonNullable<ModuleMetadata['imports']>;
  inject?: NonNullable<FactoryProvider['inject']>;
  useFactory: (...given: never[]) => QueueSettings;
}

/** The queue of trials in a Nest application: its Doorbell, and what a BellProcessor of the application
 *  needs. A processor registers when it is told to listen, and not before. */
@Module({})
// oxlint-disable-next-line typescript/no-extraneous-class -- Nest names a module by a class
export class QueueModule {
  static forRoot(settings: QueueSettings): DynamicModule {
    return QueueModule.forRootAsync({ useFactory: () => settings });
  }

  static forRootAsync({
    name = queueName,
    imports = [],
    inject = [],
    useFactory,
  }: AsyncQueue): DynamicModule {
    BullModule.queueClass = TrialsQueue;
    BullModule.workerClass = TrialsWorker as never;
    const connection = {
      module: ConnectionModule,
      imports,
      providers: [
        {
          provide: QueueConnection,
          inject,
          useFactory: (...given: never[]) => QueueConnection.open(useFactory(...given)),
        },
      ],
      exports: [QueueConnection],
    };
    return {
      module: QueueModule,
      imports: [
        connection,
        BullModule.forRootAsync({
          imports: [connection],
          inject: [QueueConnection],
          useFactory: ({ options }: QueueConnection) => ({ connection: options }),
          extraOptions: { manualRegistration: true },
        }),
        BullModule.registerQueue({ name }),
      ],
      providers: [
        {
          provide: Doorbell,
          inject: [getQueueToken(name), QueueConnection],
          useFactory: (queue: TrialsQueue, own: QueueConnection) => new Doorbell(queue, own),
        },
      ],
      exports: [Doorbell, connection],
    };
  }
}
