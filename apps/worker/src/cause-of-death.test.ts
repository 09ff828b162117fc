import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { causeOfDeath } from './cause-of-death.js';
import { oomKills } from './oom-kills.js';

const killed = { code: null, signal: 'SIGKILL', lastWords: '', oomKills: 0 } as const;

it.each([
  [killed, 'killed', /from outside \(SIGKILL\); nothing says that memory ran out/],
  [{ ...killed, signal: 'SIGTERM' } as const, 'killed', /SIGTERM/],
  [{ ...killed, oomKills: 1 }, 'oom', /by the kernel/],
  [{ ...killed, lastWords: 'terminate called\n  what():  std::bad_alloc\n' }, 'oom', /std::bad_alloc/],
  [
    { ...killed, signal: null, code: 134, lastWords: 'FATAL ERROR: JavaScript heap out of memory' },
    'oom',
    /heap/,
  ],
  [{ ...killed, signal: 'SIGSEGV' } as const, 'error', /ended by SIGSEGV/],
])('says oom only with evidence: %j', (exit, cause, message) => {
  expect(causeOfDeath(exit)).toMatchObject({ end: 'died', cause, message: expect.stringMatching(message) });
});

it('takes the death of a trainer on a full disk for no death of the trial', () => {
  const exit = {
    ...killed,
    signal: null,
    code: 1,
    lastWords: 'Error: ENOSPC: no space left on device, write',
  };
  expect(causeOfDeath(exit)).toEqual({
    end: 'host-fault',
    message: 'no space is left on the device (ENOSPC)',
  });
});

describe('the kernel counts', () => {
  const root = mkdtempSync(join(tmpdir(), 'peftgrid-oom-'));
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const vmstat = 'nr_free_pages 5\noom_kill 9\n';

  it.each([
    [
      'of a group (v2)',
      '0::/a/b\n',
      'sys/fs/cgroup/a/b/memory.events',
      'oom 7\noom_kill 3\noom_group_kill 0\n',
      3,
    ],
    ['of a container (v2)', '0::/elsewhere\n', 'sys/fs/cgroup/memory.events', 'oom_kill 2\n', 2],
    [
      'of a group (v1)',
      '7:cpu:/x\n4:memory:/j\n0::/\n',
      'sys/fs/cgroup/memory/j/memory.oom_control',
      'under_oom 0\noom_kill 4\n',
      4,
    ],
    ['of the machine, where no group counts', '0::/\n', 'sys/fs/cgroup/memory.stat', '', 9],
  ])('%s', (_what, groups, path, text, expected) => {
    write('proc/self/cgroup', groups);
    write('proc/vmstat', vmstat);
    write(path, text);
    expect(oomKills(root)).toBe(expected);
  });

  it('and says where nobody counts', () => {
    expect(oomKills(root)).toBeNull();
  });
});
