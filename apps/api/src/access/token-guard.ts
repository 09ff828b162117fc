import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import type { Database } from '#db/database.js';
import { isWorkersToken, useJoinLink } from '#db/join-links.js';
import { Refused } from '../refused.js';
import { FOR_JOINING, FOR_WORKERS } from './for-workers.js';
import { PUBLIC } from './public.js';
import { sentPassword, sentSecret, sentToken, type Token } from './tokens.js';
import { WrongTokens } from './wrong-tokens.js';

export interface Access {
  tokens: readonly Token[]; // none: whoever reaches this machine's own address is let in
  db: Database; // of workers' own tokens, and of join links
  log: Logger;
}

export const ACCESS = Symbol('access');

/** Guards every route of the application, whatever the path looked like that led there. Routes marked as
 *  Public answer to everybody. */
@Injectable()
export class TokenGuard implements CanActivate, OnApplicationShutdown {
  private readonly wrong = new WrongTokens();

  constructor(
    private readonly reflector: Reflector,
    @Inject(ACCESS) private readonly access: Access,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const isMarked = (mark: string) =>
      this.reflector.getAllAndOverride<boolean | undefined>(mark, [
        context.getHandler(),
        context.getClass(),
      ]) === true;
    const request = context.switchToHttp().getRequest<Request>();
    const response = context.switchToHttp().getResponse<Response>();
    const { tokens, db } = this.access;
    if (isMarked(FOR_JOINING)) return this.joins(request, response);
    if (tokens.length === 0) response.locals['who'] = 'local';
    if (isMarked(PUBLIC) || tokens.length === 0) return true;
    const token = sentToken(request.headers.authorization, tokens);
    if (token === undefined) throw noToken('a token is needed: Authorization: Bearer …');
    if (
      token === null &&
      isMarked(FOR_WORKERS) &&
      (await isWorkersToken(db, sentSecret(request.headers.authorization)!))
    ) {
      response.locals['who'] = 'worker';
      return true;
    }
    if (token === null) throw await this.refusal(request);
    response.locals['who'] = token.name;
    return true;
  }

  /** Lets a browser in that asks for a page: with the token as its password, since it sends no Bearer by
   *  itself. Throws Refused. */
  async admitToPage(request: Request, response: Response): Promise<void> {
    const { tokens } = this.access;
    response.locals['who'] = tokens.length ? null : 'local';
    if (tokens.length === 0) return;
    const secret = sentPassword(request.headers.authorization) ?? sentSecret(request.headers.authorization);
    const asks = { 'www-authenticate': 'Basic realm="peftgrid: the token is the password", charset="UTF-8"' };
    if (secret === undefined)
      throw new Refused(401, 'a token is needed, as the password of any user', [], asks);
    const token = sentToken(`Bearer ${secret}`, tokens);
    if (!token) {
      const refusal = await this.refusal(request);
      throw new Refused(refusal.status, refusal.message, [], { ...refusal.headers, ...asks });
    }
    response.locals['who'] = token.name;
  }

  /** The secret of a join link, which a 410 says has ended. */
  private async joins(request: Request, response: Response): Promise<boolean> {
    const secret = sentSecret(request.headers.authorization);
    if (secret === undefined) throw noToken('the secret of a join link is needed: Authorization: Bearer …');
    const used = await useJoinLink(this.access.db, secret);
    if (used.state === 'unknown') throw await this.refusal(request);
    const ends = 'make another with ./peftgrid workers join on the server';
    if (used.state === 'expired')
      throw new Refused(410, `this join link expired at ${used.link.expiresAt}: ${ends}`);
    if (used.state === 'revoked')
      throw new Refused(410, `this join link was revoked at ${used.link.revokedAt}: ${ends}`);
    response.locals['who'] = 'join link';
    response.locals['joinLink'] = used.link;
    return true;
  }

  /** The right token is let in from a blocked address too: a proxy's address is everybody's, and nobody shall
   *  lock others out. */
  private async refusal(request: Request): Promise<Refused> {
    const address = request.ip ?? '';
    const { blockedSeconds, first } = await this.wrong.count(address);
    const about = {
      address,
      method: request.method,
      route: (request.route as { path?: string } | undefined)?.path,
    };
    if (!blockedSeconds) this.access.log.warn(about, 'a wrong token was sent');
    if (first)
      this.access.log.warn(
        { ...about, seconds: blockedSeconds },
        'too many wrong tokens; further ones are not logged',
      );
    if (!blockedSeconds)
      return new Refused(401, 'the token is not the right one', [], {
        'www-authenticate': 'Bearer error="invalid_token"',
      });
    const title = `too many wrong tokens came from ${address}; try again in ${blockedSeconds} s`;
    return new Refused(429, title, [], { 'retry-after': String(blockedSeconds) });
  }

  onApplicationShutdown(): void {
    this.wrong.stop();
  }
}

const noToken = (title: string): Refused => new Refused(401, title, [], { 'www-authenticate': 'Bearer' });
