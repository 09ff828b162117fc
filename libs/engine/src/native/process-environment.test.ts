import { spawnSync } from 'node:child_process';
import { engineEnvironment } from './process-environment.js';

describe('engineEnvironment', () => {
  it('asks for huge pages beside what the user has set, and leaves what the user has said of them', () => {
    expect(engineEnvironment({ A: 'b' })).toEqual({ A: 'b', GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' });
    expect(engineEnvironment({ GLIBC_TUNABLES: 'glibc.malloc.check=1' })).toEqual({
      GLIBC_TUNABLES: 'glibc.malloc.check=1:glibc.malloc.hugetlb=1',
    });
    const own = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=0' };
    expect(engineEnvironment(own)).toEqual(own);
  });

  it('is one in which a process starts', () => {
    const { status, stderr } = spawnSync(process.execPath, ['-e', ''], {
      env: engineEnvironment(),
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
