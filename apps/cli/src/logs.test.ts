import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logs } from './logs.js';

const folder = mkdtempSync(join(tmpdir(), 'peftgrid-logs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('keeps a log and the one before it, each of 10 MB at most, and goes on where another process stopped', () => {
  const line = (n: number) => Buffer.from(`${String(n).padStart(99, '0')}\n`);
  let log = new Logs(folder, () => {}).open('worker');
  for (let n = 0; n < 250_000; n++) {
    if (n === 120_000) log = new Logs(folder, () => {}).open('worker');
    log.write(line(n));
  }
  expect(readdirSync(folder).toSorted()).toEqual(['worker.log', 'worker.log.1']);
  for (const name of readdirSync(folder))
    expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(10_000_000);
  const text = ['worker.log.1', 'worker.log']
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
  const numbers = text.trim().split('\n').map(Number);
  expect(numbers.at(-1)).toBe(249_999);
  expect(numbers.every((n, i) => i === 0 || n === numbers[i - 1]! + 1)).toBe(true);
  expect(numbers.length).toBeGreaterThanOrEqual(100_000);
});

it('says once that it can not write, goes on, and says when it can again', async () => {
  const said: string[] = [];
  const logs = new Logs(join(folder, 'gone'), (line) => said.push(line));
  const log = logs.open('api');
  rmSync(join(folder, 'gone'), { recursive: true });
  for (const text of ['a', 'b', 'c']) log.write(Buffer.from(`${text}\n`));
  expect(said).toEqual([expect.stringContaining('the disk fails (ENOENT')]);
  expect(logs.inTrouble).toBe(true);
  mkdirSync(join(folder, 'gone'));
  logs.probe();
  log.write(Buffer.from('d\n'));
  expect(said.slice(1)).toEqual(['the disk can be written to again']);
  expect(readFileSync(log.file, 'utf8')).toBe('d\n');
});
