import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How many processes the kernel has ended for want of memory: in our control group (v2, v1), or where none
 *  counts them on the whole machine. Null: nobody counts, as outside Linux. `root`: of /proc and /sys. */
export function oomKills(root = '/'): number | null {
  for (const path of counters(root)) {
    const [, count] = /^oom_kill (\d+)$/m.exec(read(join(root, path))) ?? [];
    if (count !== undefined) return Number(count);
  }
  return null;
}

function counters(root: string): string[] {
  const groups = read(join(root, 'proc/self/cgroup'));
  const [, v2] = /^0::(.*)$/m.exec(groups) ?? [];
  const [, v1] = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(groups) ?? [];
  // In a container the path may be the host's, and the group then lies at the mount's root.
  return [
    ...(v2 === undefined ? [] : [`sys/fs/cgroup${v2}/memory.events`, 'sys/fs/cgroup/memory.events']),
    ...(v1 === undefined
      ? []
      : [`sys/fs/cgroup/memory${v1}/memory.oom_control`, 'sys/fs/cgroup/memory/memory.oom_control']),
    'proc/vmstat',
  ];
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
