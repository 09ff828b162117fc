import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { commandOf, identityOf, isAlive } from './process-identity.js';

it('tells a living process from one that is gone, and from another of its number', async () => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const identity = identityOf(child.pid!);
  expect(isAlive(identity)).toBe(true);
  expect(commandOf(child.pid!)).toContain('sleep 60');
  expect(isAlive({ ...identity, started: 'at another time' })).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isAlive(identity)).toBe(false);
  expect(commandOf(child.pid!)).toBe('');
});
