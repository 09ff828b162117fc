import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { dashboard } from './dashboard.js';

// A build as Vite leaves it, served by a real server.
const folder = mkdtempSync(join(tmpdir(), 'peftgrid-page-'));
mkdirSync(join(folder, 'assets'));
writeFileSync(join(folder, 'index.html'), `<!doctype html>${' '.repeat(2000)}`);
writeFileSync(join(folder, 'assets', 'index-a1b2c3d4.js'), 'x'.repeat(5000));
const app = express().use(...dashboard(folder));
app.get(
  '/api/events',
  (_request, response) => void response.type('text/event-stream').send(`data: ${'x'.repeat(5000)}\n\n`),
);
const server = app.listen(0, '127.0.0.1');
beforeAll(async () => void (server.listening || (await once(server, 'listening'))));
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const headersOf = (path: string) =>
  new Promise<NodeJS.Dict<string | string[]>>((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    get({ port, path, headers: { 'accept-encoding': 'gzip' } }, (response) => {
      response.resume();
      resolve(response.headers);
    }).once('error', reject);
  });

describe('the dashboard’s files', () => {
  it('travel compressed; those with a hash in their name are kept for good, the page is not', async () => {
    expect(await headersOf('/assets/index-a1b2c3d4.js')).toMatchObject({
      'content-encoding': 'gzip',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    expect(await headersOf('/')).toMatchObject({ 'content-encoding': 'gzip', 'cache-control': 'no-cache' });
  });

  it('and an event stream waits for no compression', async () => {
    expect((await headersOf('/api/events'))['content-encoding']).toBeUndefined();
  });
});
