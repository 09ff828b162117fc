import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import compression from 'compression';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';

const absent = `<!doctype html><meta charset="utf-8"><title>peftgrid</title>
<p>The API runs. The dashboard has not been built: run <code>npm run dashboard</code> and reload.</p>
<p>The API is described at <a href="/api/docs">/api/docs</a>.</p>`;

/** The dashboard's built files, for everybody: they hold no data. Its one page is "/"; what it shows stands
 *  after the "#". */
export function dashboard(folder = builtFolder()): RequestHandler[] {
  const unbuilt = ({ path, method }: Request, response: Response, next: NextFunction): void => {
    if (path === '/' && ['GET', 'HEAD'].includes(method)) response.type('html').send(absent);
    else next();
  };
  return [compressed(), express.static(folder, { redirect: false, setHeaders: setCaching }), unbuilt];
}

/** gzip for the page and its files alone: an event stream must not wait for more. */
function compressed(): RequestHandler {
  const compress = compression();
  return (request, response, next) =>
    /^\/api(\/|$)/i.test(request.path) ? next() : compress(request, response, next);
}

/** Files of the build have their content's hash in their names: they never change. The page that names them
 *  is asked for anew. */
function setCaching(response: Response, path: string): void {
  const isHashed = dirname(path).endsWith('assets');
  response.setHeader('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
}

/** apps/dashboard/dist of the package this file belongs to, whether it runs from source or from dist. */
function builtFolder(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return join(folder, 'apps', 'dashboard', 'dist');
}
