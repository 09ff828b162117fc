import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadBytes } from './load-bytes.js';

const home = mkdtempSync(join(tmpdir(), 'load-bytes-'));
afterAll(() => rmSync(home, { recursive: true }));

type Members = Parameters<typeof loadBytes>[0];

const sized = (path: string, bytes: number): string => {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, Buffer.alloc(bytes));
  return path;
};
const member = (backbone: object, more: object = {}) =>
  ({
    config: { stage: 'tune', backbone, task: { path: join(home, 'rows.csv') } },
    ...more,
  }) as unknown as Members[number];

it('counts what a trainer reads, each place once, and what it may have to fetch', () => {
  sized(join(home, 'rows.csv'), 10);
  sized(join(home, 'model', 'model.safetensors'), 200);
  sized(join(home, 'model', 'below', 'unread'), 1000);
  sized(join(home, 'resume', 'state'), 3000);
  const own = { folder: join(home, 'model') };
  expect(loadBytes([member(own)], home)).toBe(210);
  expect(loadBytes([member(own), member(own, { resumeFolder: join(home, 'resume') })], home)).toBe(3210);
  expect(loadBytes([member({ folder: join(home, 'nowhere') })], home)).toBe(10);
  expect(loadBytes([member({ name: 't5-nano' })], home)).toBe(500e6 + 10);
  sized(join(home, 'backbones', 't5-nano', 'model.safetensors'), 40_000);
  expect(loadBytes([member({ name: 't5-nano' })], home)).toBe(40_010);
});
