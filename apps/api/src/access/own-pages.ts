import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { Refused } from '../refused.js';

const loopback = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i;
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Before all else, for every path: which names the server answers to, whose pages may call it, and with
 *  which methods. A page of another site can make a browser send requests here: its Origin, or a Host rebound
 *  by DNS, gives it away. */
export function ownPages({ withToken }: { withToken: boolean }): RequestHandler {
  return (request: Request, _response: Response, next: NextFunction): void =>
    next(foreign(request, withToken));
}

function foreign({ method, headers }: Request, withToken: boolean): Refused | undefined {
  const { host = '', origin } = headers;
  if (!withToken && !loopback.test(host))
    return new Refused(
      403,
      `the API was called as "${host}"; without a token it answers to 127.0.0.1 and localhost only`,
    );
  if (origin !== undefined && !isOwn(origin, host))
    return new Refused(403, `pages of ${origin} may not call the API, which was called as "${host}"`);
  if (methods.includes(method)) return undefined;
  return new Refused(405, `there is no ${method}; expected one of ${methods.join(', ')}`, [], {
    allow: methods.join(', '),
  });
}

/** A page's own origin is what the request was sent to. A proxy that speaks TLS passes the header Host on. */
const isOwn = (origin: string, host: string): boolean =>
  [`http://${host}`, `https://${host}`].some((own) => own.toLowerCase() === origin.toLowerCase());
