import { type DynamicModule, Module, StandardSchemaSerializerInterceptor } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import type { QueueSettings } from '#queue/backend.js';
import { QueueModule } from '#queue/queue.module.js';
import { accessModule } from './access/access.module.js';
import type { Access } from './access/token-guard.js';
import { CellsController } from './cells.controller.js';
import { CurvesController } from './curves.controller.js';
import { ArtifactsController } from './artifacts.controller.js';
import { DESCRIPTION, type Description, DocsController } from './docs.controller.js';
import { EventsController } from './events.controller.js';
import { ExperimentsController } from './experiments.controller.js';
import { HealthController } from './health/health.controller.js';
import { InputsController } from './inputs/inputs.controller.js';
import { JoinController } from './join.controller.js';
import { JOINING, type Joining } from './joining.js';
import { board, LabelledQueues } from './queue/board.js';
import { Dispatching } from './queue/dispatching.js';
import { SERVICES, type Services } from './services.js';
import { RemovalController } from './removal.controller.js';
import { StorageController } from './storage.controller.js';
import { SystemController } from './system.controller.js';
import { TablesController } from './tables/tables.controller.js';
import { TrialsController } from './trials.controller.js';

@Module({
  controllers: [
    InputsController,
    ExperimentsController,
    CellsController,
    TablesController,
    CurvesController,
    EventsController,
    TrialsController,
    ArtifactsController,
    RemovalController,
    StorageController,
    JoinController,
    SystemController,
    HealthController,
    DocsController,
  ],
})
// oxlint-disable-next-line typescript/no-extraneous-class -- Nest names a module by a class
class AppModule {}

export interface AppServices {
  services: Services;
  access: Access;
  description: Description;
  joining: Joining;
  queue: QueueSettings | undefined; // undefined: of an API that dispatches nothing
}

export function appModule({ services, access, description, joining, queue }: AppServices): DynamicModule {
  const door = accessModule(access);
  return {
    module: AppModule,
    imports: [
      door,
      TerminusModule.forRoot({ logger: false }),
      ...(queue ? [QueueModule.forRoot(queue), ...board(door)] : []),
    ],
    providers: [
      { provide: SERVICES, useValue: services },
      { provide: JOINING, useValue: joining },
      { provide: DESCRIPTION, useValue: description },
      ...(queue ? [Dispatching, LabelledQueues] : []),
      { provide: APP_INTERCEPTOR, useClass: StandardSchemaSerializerInterceptor },
    ],
  };
}
