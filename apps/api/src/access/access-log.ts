import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';

/** One line for each request when it is over: who (a token's name, or "local") did what from where. Changes
 *  are logged at info, reads at debug. */
export function accessLog(log: Logger): RequestHandler {
  return (request: Request, response: Response, next: NextFunction): void => {
    const began = performance.now();
    const address = request.ip; // now: a client that is gone has none
    response.once('close', () => {
      const { method, params } = request;
      const { who, subject } = response.locals as { who?: string; subject?: string };
      const line = {
        who: who ?? null, // null: not let in, or a public page
        address,
        method,
        route: (request.route as { path?: string } | undefined)?.path ?? null, // null: no route of the API
        id: subject ?? params?.['id'] ?? params?.['hash'],
        // null: the client went before
        status: response.writableFinished || response.headersSent ? response.statusCode : null,
        ms: Math.round(performance.now() - began),
      };
      const change = !['GET', 'HEAD'].includes(method) && line.route !== null;
      log[change ? 'info' : 'debug'](line, 'request');
    });
    next();
  };
}
