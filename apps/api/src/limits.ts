import type { Server } from 'node:http';
import type { NextFunction, Request, Response } from 'express';

const headersMs = 15_000;
const requestMs = 3_600_000; // an upload's; a grid file's is shorter, see request-body.ts
const checkMs = 5_000;
const unreadMs = 5_000;

/** How long a client may take. To be called before the server listens. */
export function limitClients(server: Server): void {
  server.headersTimeout = headersMs;
  server.requestTimeout = requestMs;
  (server as Server & { connectionsCheckingInterval: number }).connectionsCheckingInterval = checkMs;
}

/** A request that was answered before its body had come: the rest is read off for a while, and then cut off.
 */
export function cutUnread(request: Request, response: Response, next: NextFunction): void {
  response.once('finish', () => {
    if (!request.complete) setTimeout(() => request.complete || request.destroy(), unreadMs).unref();
  });
  next();
}
