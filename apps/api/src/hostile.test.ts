import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { PeftgridClient } from '#contracts/client.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.js';
import { serve } from './serve.js';

const home = mkdtempSync(join(tmpdir(), 'peftgrid-hostile-'));
let postgres: EmbeddedPostgres;
let api: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres(home);
  const common = { port: 0, host: '127.0.0.1', redisUrl: undefined, home };
  api = await serve({ ...common, databaseUrl: postgres.url, token: undefined }, pino({ level: 'silent' }));
}, 60_000);
afterAll(async () => {
  await api?.close();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
}, 60_000);

describe('a body', () => {
  it.each([
    ['70,000 keys', Array.from({ length: 70_000 }, (_, i) => `k${i}: ${i}`).join('\n'), 'yaml'],
    ['450,000 brackets', '['.repeat(450_000), 'yaml'],
    ['100,000 documents', '---\n'.repeat(100_000), 'yaml'],
    ['2,000,000 levels', '['.repeat(2_000_000) + ']'.repeat(2_000_000), 'json'],
    ['a NUL in its name', '{"name": "a\\u0000", "grids": [{"name": "a"}]}', 'json'],
    [
      'half a surrogate pair in a label',
      '{"name": "a", "grids": [{"name": "a", "task": {"label": "\\ud800"}}]}',
      'json',
    ],
    ['__proto__', '{"name": "a", "grids": [{"name": "a", "grid": {"__proto__.x": [1]}}]}', 'json'],
    ['bytes that are no UTF-8', Buffer.from([0x61, 0xff]), 'yaml'],
  ])('of %s is a 400, and the API answers meanwhile', async (_what, body, type) => {
    const headers = { 'content-type': `application/${type}` };
    const sent = fetch(`${api.url}/api/experiments`, { method: 'POST', headers, body });
    expect((await fetch(`${api.url}/api/health`)).status).toBe(200);
    const response = await sent;
    expect([response.status, await response.json()]).toMatchObject([400, { issues: [{}] }]);
    expect(await new PeftgridClient(api.url).experiments()).toEqual([]);
  });
});
