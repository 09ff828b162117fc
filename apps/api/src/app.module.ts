import { type DynamicModule, Module, StandardSchemaSerializerInterceptor } from '@nestjs/common';
import { APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { EventsController } from './events.controller.js';
import { ExperimentsController } from './experiments.controller.js';
import { PARTS, type Parts } from './parts.js';
import { SystemController } from './system.controller.js';
import { TrialsController } from './trials.controller.js';
import { Validation } from './validation.js';

@Module({ controllers: [ExperimentsController, EventsController, TrialsController, SystemController] })
// oxlint-disable-next-line typescript/no-extraneous-class -- Nest names a module by a class
class AppModule {}

export function appModule(parts: Parts): DynamicModule {
  return {
    module: AppModule,
    providers: [
      { provide: PARTS, useValue: parts },
      { provide: APP_PIPE, useClass: Validation },
      { provide: APP_INTERCEPTOR, useClass: StandardSchemaSerializerInterceptor },
    ],
  };
}
