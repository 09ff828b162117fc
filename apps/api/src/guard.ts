import { createHash, timingSafeEqual } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import { Refused } from './refused.js';

/** With a token: only who sends it as Bearer. Without: only who came through this machine's own name, and from no foreign page. */
export function guard(token: string | undefined) {
  return (request: Request, _response: Response, next: NextFunction): void => {
    const open = !request.path.startsWith('/api/') || request.path === '/api/health';
    next(open ? undefined : token ? unauthorised(request, token) : foreign(request));
  };
}

function unauthorised(request: Request, token: string): Refused | undefined {
  const sent = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (sent !== undefined && timingSafeEqual(digest(sent), digest(token))) return undefined;
  return new Refused(401, sent === undefined ? 'a token is needed: Authorization: Bearer …' : 'the token is not the right one');
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest(); // equal lengths, as the comparison needs

/** A page of another site can make a browser send requests to loopback: its Origin, or a Host rebound by DNS, gives it away. */
function foreign(request: Request): Refused | undefined {
  const host = request.headers.host ?? '';
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host)) {
    return new Refused(403, `the API was called as "${host}"; without a token it answers to 127.0.0.1 and localhost only`);
  }
  const { origin } = request.headers;
  if (origin === undefined || /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(origin)) return undefined;
  return new Refused(403, `pages of ${origin} may not call the API`);
}
