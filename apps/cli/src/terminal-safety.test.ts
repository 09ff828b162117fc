import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimAttempts } from '#db/claim-attempts.js';
import { finishAttempts } from '#db/finish-attempts.js';
import { dispatchReady } from '#db/dispatch.js';
import { submitExperiment } from '#db/submit.js';
import { expand } from '#planner/expand.js';
import { parseGridFile } from '#planner/parse-grid-file.js';
import { Stack } from '../../../test/support/stack.js';
import { until } from '../../../test/support/until.js';
import { built } from './root.js';

// clears, retitles, colours, overwrites, turns around
const steering = '\u001B[2J\u001B]0;owned\u0007\u009B31m\r\u0008\u202Egnp.exe\u2066';
const hostile = `bad${steering}\nforged line`;
// Whatever may not reach a terminal; line feeds are looked for by the line that they would forge.
// eslint-disable-next-line no-control-regex
const unsafe = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/u;

const file = `
name: grid
backbone: { name: minilm-l6 }
task: { name: wordnet-supersense, train: 16 }
method: { name: head }
training: { steps: 4 }
grid: { seed: [1, 2] }
`;

jest.setTimeout(120_000);

/** Rows as no door of the product would let them in, read by the real program through the real API. */
describe('names from outside', () => {
  let stack: Stack;
  let id: string;
  const folder = mkdtempSync(join(tmpdir(), 'peftgrid-safe-'));
  beforeAll(async () => {
    stack = await Stack.start();
    const request = parseGridFile(file);
    ({ id } = await submitExperiment(stack.db, { request, plan: expand(request), owner: 'local' }));
    const jobs = await dispatchReady(stack.db, { slots: 1 });
    const [trial] = await claimAttempts(stack.db, jobs[0]!, `worker${steering}`, 600);
    await finishAttempts(stack.db, [
      { verdict: 'failed', attemptId: trial!.attemptId, cause: 'invalid', message: hostile },
    ]);
    await stack.db.pool.query('update "Experiment" set name = $1 where id = $2', [hostile, id]);
    await stack.db.pool.query(
      `update "Cell" set grid = $1, point = point || $2::jsonb where "experimentId" = $3`,
      [hostile, JSON.stringify({ 'method.name': hostile, [`knob${steering}`]: hostile }), id],
    );
  }, 240_000);
  afterAll(async () => {
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const commands = (): string[][] => [
    ['ls'],
    ['table', id],
    ['table', id, '--format', 'markdown'],
    ['table', id, '--format', 'csv'],
    ['table', id, '--rows', 'nothing'],
    ['table', hostile],
    ['table', 'nobody\u001B[2J'],
    ['why', id.slice(0, 8)],
    ['pause', id],
    ['resume', id],
    ['export', id, '--out', join(folder, 'out')],
    ['cancel', id],
    ['watch', id],
    ['plan', `none${steering}.yaml`],
  ];

  it('reach a terminal in no command', async () => {
    const [cell] = await stack.client.cells(id);
    for (const args of [
      ...commands(),
      ['why', cell!.id],
      ...commands().map((c) => [...c, '--json']),
      ['why', cell!.id, '--json'],
    ]) {
      const { stdout, stderr } = spawnSync(process.execPath, [built('apps/cli/src/main.js'), ...args], {
        encoding: 'utf8',
        env: { ...process.env, PEFTGRID_URL: stack.url, PEFTGRID_HOME: folder },
        cwd: folder,
      });
      const isData = args.includes('csv'); // a field of a CSV file may hold a line feed, in quotes
      expect({ args, found: unsafe.exec(stdout + stderr)?.[0] }).toEqual({ args, found: undefined });
      if (!isData)
        expect({ args, forged: /^forged line/m.test(stdout + stderr) }).toEqual({ args, forged: false });
      if (args[0] === 'ls' || args[0] === 'why') expect(stdout + stderr).not.toBe('');
    }
  });

  it('reach a terminal in no log', async () => {
    await fetch(`${stack.url}api/trials/${encodeURIComponent(hostile)}/retry`, { method: 'POST' });
    await until('the request is logged', async () =>
      stack.api.output.includes('"route":"/api/trials/:id/retry"'),
    );
    expect(unsafe.exec(stack.api.output)?.[0]).toBeUndefined();
    for (const part of ['api', 'worker']) {
      const env = {
        ...process.env,
        DATABASE_URL: stack.db.url,
        PEFTGRID_HOME: `/dev/null/${hostile}`,
        PORT: '0',
      };
      const { stderr } = spawnSync(process.execPath, [built(`apps/${part}/src/main.js`)], {
        encoding: 'utf8',
        env,
      });
      expect(stderr).toMatch(/^peftgrid \w+: ENOTDIR.*bad/m);
      expect(unsafe.exec(stderr)?.[0]).toBeUndefined();
      expect(stderr).not.toMatch(/^forged line/m);
    }
  });

  it('are the same for a program that reads JSON', async () => {
    const { stdout } = spawnSync(process.execPath, [built('apps/cli/src/main.js'), 'ls', '--json'], {
      encoding: 'utf8',
      env: { ...process.env, PEFTGRID_URL: stack.url },
    });
    expect((JSON.parse(stdout) as { name: string }[])[0]!.name).toBe(hostile);
  });
});
