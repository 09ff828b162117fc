import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Whom Postgres runs as, where that is not us. */
export interface Owner {
  uid: number;
  gid: number;
}

const name = 'peftgrid-postgres';

/** As root, a system user that owns the database's folder and nothing else, made on first use; else null.
 *  Where no user can be made it is `nobody`, which other programs may run as too. */
export function serverUser(log: (line: string) => void): Owner | null {
  if (process.getuid?.() !== 0) return null;
  const known = idsOf(name);
  if (known) return known;
  try {
    const flags = [
      '--system',
      '--user-group',
      '--no-create-home',
      '--home-dir',
      '/nonexistent',
      '--shell',
      '/usr/sbin/nologin',
    ];
    execFileSync('useradd', [...flags, name], { stdio: 'ignore' });
  } catch {
    // made by another process meanwhile, or there is no useradd
  }
  const made = idsOf(name);
  if (made) return made;
  const nobody = idsOf('nobody');
  if (nobody && nobody.uid !== 0) {
    log(`no user ${name} could be made (useradd); the database runs as nobody`);
    return nobody;
  }
  throw new Error(
    `Postgres refuses to run as root, and no user ${name} could be made (useradd); make one, or set DATABASE_URL`,
  );
}

/** Of a user; null where the system knows none of that name. */
export function idsOf(user: string): Owner | null {
  const id = (flag: string): number =>
    Number(execFileSync('id', [flag, user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return null;
  }
}

export interface Start {
  program: string;
  args: string[];
  cwd: string;
  stdin: 'ignore' | 'pipe' | number; // a number: an open file
  env?: Record<string, string>;
}

/** Starts a program as `owner`, without groups, capabilities or a way to gain any, and with none of our
 *  environment's secrets. Its working folder is entered before our rights are given up, so that it may lie
 *  below a folder that only root may enter. The program is interrupted when this process dies (Linux), and is
 *  in a session of its own: a Ctrl-C in the terminal is not its. */
export function spawnUnprivileged(
  owner: Owner | null,
  { program, args, cwd, stdin, env }: Start,
): ChildProcess {
  const kept = ['LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'TZ'].flatMap((key) => {
    const value = process.env[key];
    return value === undefined ? [] : [[key, value] as const];
  });
  const options = {
    cwd,
    detached: true,
    stdio: [stdin, 'pipe', 'pipe'] as [typeof stdin, 'pipe', 'pipe'],
    env: { ...Object.fromEntries(kept), PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', ...env },
  };
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));
  if (!setpriv) return spawn(program, args, owner ? { ...options, ...owner } : options);
  const who = owner ? [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'] : [];
  return spawn(setpriv, [...who, '--no-new-privs', '--pdeathsig=INT', program, ...args], options);
}
