import { type DynamicModule, Module, StandardSchemaSerializerInterceptor } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { ACCESS, type Access, TokenGuard } from './access/token-guard.js';
import { CellsController } from './cells.controller.js';
import { CurvesController } from './curves.controller.js';
import { ArtifactsController } from './artifacts.controller.js';
import { DESCRIPTION, type Description, DocsController } from './docs.controller.js';
import { EventsController } from './events.controller.js';
import { ExperimentsController } from './experiments.controller.js';
import { InputsController } from './inputs/inputs.controller.js';
import { JoinController } from './join.controller.js';
import { JOINING, type Joining } from './joining.js';
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
    DocsController,
  ],
})
// oxlint-disable-next-line typescript/no-extraneous-class -- Nest names a module by a class
class AppModule {}

export function appModule(
  services: Services,
  access: Access,
  { description, joining }: { description: Description; joining: Joining },
): DynamicModule {
  return {
    module: AppModule,
    providers: [
      { provide: SERVICES, useValue: services },
      { provide: JOINING, useValue: joining },
      { provide: ACCESS, useValue: access },
      { provide: DESCRIPTION, useValue: description },
      { provide: APP_GUARD, useClass: TokenGuard },
      { provide: APP_INTERCEPTOR, useClass: StandardSchemaSerializerInterceptor },
    ],
  };
}
