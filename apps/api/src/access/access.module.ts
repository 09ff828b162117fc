import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ACCESS, type Access, TokenGuard } from './token-guard.js';

/** Who is let in: a guard before every route, which other doors may ask too. */
@Module({})
// oxlint-disable-next-line typescript/no-extraneous-class -- Nest names a module by a class
class AccessModule {}

export const accessModule = (access: Access): DynamicModule => ({
  module: AccessModule,
  providers: [
    { provide: ACCESS, useValue: access },
    TokenGuard,
    { provide: APP_GUARD, useExisting: TokenGuard },
  ],
  exports: [TokenGuard],
});
