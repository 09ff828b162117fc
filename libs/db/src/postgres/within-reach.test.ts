import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withinReach } from './within-reach.js';

const root = mkdtempSync(join(tmpdir(), 'peftgrid-reach-'));
chmodSync(root, 0o755);
const closed = join(root, 'closed');
const programs = join(closed, 'native');
mkdirSync(join(programs, 'bin'), { recursive: true });
writeFileSync(join(programs, 'bin', 'initdb'), '#!/bin/sh\n', { mode: 0o755 });
symlinkSync('initdb', join(programs, 'bin', 'link'));
afterAll(() => rmSync(root, { recursive: true }));

const said: string[] = [];
const reached = () => withinReach(programs, join(root, 'open', 'postgres-1'), (line) => said.push(line));

it('is the folder itself where every user may enter it', async () => {
  chmodSync(closed, 0o755);
  expect(await reached()).toBe(programs);
  expect(existsSync(join(root, 'open'))).toBe(false);
});

it('is a copy where a folder above is closed, made once and said', async () => {
  chmodSync(closed, 0o700);
  const copy = await reached();
  expect(copy).toBe(join(root, 'open', 'postgres-1'));
  expect(readFileSync(join(copy, 'bin', 'initdb'), 'utf8')).toBe('#!/bin/sh\n');
  expect(readlinkSync(join(copy, 'bin', 'link'))).toBe('initdb');
  expect(await reached()).toBe(copy);
  expect(said).toEqual([`only root may enter ${programs}: copying it to ${copy}`]);
});

it('is a copy that everybody can read where the folder itself is not for everybody', async () => {
  chmodSync(closed, 0o755);
  chmodSync(join(programs, 'bin', 'initdb'), 0o700);
  chmodSync(programs, 0o700);
  const copy = await withinReach(programs, join(root, 'open', 'postgres-2'), () => {});
  expect(copy).toBe(join(root, 'open', 'postgres-2'));
  expect([copy, join(copy, 'bin', 'initdb')].map((path) => statSync(path).mode & 0o777)).toEqual([
    0o755, 0o755,
  ]);
});
