import { type CanActivate, type ExecutionContext, Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import { Refused } from '../refused.js';
import { PUBLIC } from './public.js';
import { sentToken, type Token } from './tokens.js';
import { WrongTokens } from './wrong-tokens.js';

export interface Access {
  tokens: readonly Token[]; // none: whoever reaches this machine's own address is let in
  log: Logger;
}

export const ACCESS = Symbol('access');

/** Guards every route of the application, whatever the path looked like that led there. Routes marked as Public answer to everybody. */
@Injectable()
export class TokenGuard implements CanActivate, OnApplicationShutdown {
  private readonly wrong = new WrongTokens();

  constructor(
    private readonly reflector: Reflector,
    @Inject(ACCESS) private readonly access: Access,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const open = this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC, [context.getHandler(), context.getClass()]);
    const request = context.switchToHttp().getRequest<Request>();
    const response = context.switchToHttp().getResponse<Response>();
    const { tokens } = this.access;
    if (tokens.length === 0) response.locals['who'] = 'local';
    if (open || tokens.length === 0) return true;
    const token = sentToken(request.headers.authorization, tokens);
    if (token === undefined)
      throw new Refused(401, 'a token is needed: Authorization: Bearer …', [], { 'www-authenticate': 'Bearer' });
    if (token === null) throw await this.refusal(request);
    response.locals['who'] = token.name;
    return true;
  }

  /** The right token is let in from a blocked address too: a proxy's address is everybody's, and nobody shall lock others out. */
  private async refusal(request: Request): Promise<Refused> {
    const address = request.ip ?? '';
    const { blockedSeconds, first } = await this.wrong.count(address);
    const about = { address, method: request.method, route: (request.route as { path?: string } | undefined)?.path };
    if (!blockedSeconds) this.access.log.warn(about, 'a wrong token was sent');
    if (first) this.access.log.warn({ ...about, seconds: blockedSeconds }, 'too many wrong tokens; further ones are not logged');
    if (!blockedSeconds)
      return new Refused(401, 'the token is not the right one', [], { 'www-authenticate': 'Bearer error="invalid_token"' });
    const title = `too many wrong tokens came from ${address}; try again in ${blockedSeconds} s`;
    return new Refused(429, title, [], { 'retry-after': String(blockedSeconds) });
  }

  onApplicationShutdown(): void {
    this.wrong.stop();
  }
}
