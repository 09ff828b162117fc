import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from './database.js';
import { startEmbeddedPostgres } from './embedded.js';
import { migrate } from './migrate.js';

const home = mkdtempSync(join(tmpdir(), 'peftgrid-embedded-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('startEmbeddedPostgres', () => {
  it('makes a database, migrates it once by however many processes, and finds it again', async () => {
    const first = await startEmbeddedPostgres(home);
    const shared = await startEmbeddedPostgres(home);
    expect(shared.url).toBe(first.url);
    const applied = await Promise.all([migrate(first.url), migrate(first.url), migrate(first.url)]);
    expect(applied.flat()).toEqual(['0001_tables']);
    const db = await openDatabase(first.url);
    await db.pool.query(`insert into "Worker" (id, slots, device) values ('w', 1, 'none')`);
    await db.close();
    await shared.stop();
    await first.stop();
    await expect(openDatabase(first.url)).rejects.toThrow(/no Postgres answers at .*:…@/);

    const second = await startEmbeddedPostgres(home);
    const again = await openDatabase(second.url);
    expect((await again.prisma.worker.findMany()).map((w) => w.id)).toEqual(['w']);
    await again.close();
    await second.stop();
  }, 60_000);
});
