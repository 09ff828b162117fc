import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';

const absent = `<!doctype html><meta charset="utf-8"><title>peftgrid</title>
<p>The API runs. The dashboard has not been built: run <code>npm run dashboard</code> and reload.</p>
<p>The API is described at <a href="/api/docs">/api/docs</a>.</p>`;

/** The dashboard's built files; any other page is its index, which routes by itself. */
export function dashboard(folder = builtFolder()): RequestHandler[] {
  const index = join(folder, 'index.html');
  const page = (request: Request, response: Response, next: NextFunction): void => {
    const { path, method } = request;
    if (path === '/api' || path.startsWith('/api/') || !['GET', 'HEAD'].includes(method)) next();
    else if (/\.[a-z0-9]+$/i.test(path))
      next(); // a file that is not there
    else if (existsSync(index)) response.sendFile(index);
    else response.type('html').send(absent);
  };
  return [express.static(folder, { index: false }), page];
}

/** apps/dashboard/dist of the package this file belongs to, whether it runs from source or from dist. */
function builtFolder(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return join(folder, 'apps', 'dashboard', 'dist');
}
