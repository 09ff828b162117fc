import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

export interface Launcher {
  owner: { uid: number; gid: number } | null; // who the program runs as, where that is not us
  spawn(program: string, args: string[], cwd: string): ChildProcess;
}

/** Starts programs that refuse to be root: as root they run as the system user `postgres`, made if need be. They keep the one capability
 *  to pass through folders that only root may enter (a home below /root), and are interrupted when this process dies. In a session of
 *  their own: a Ctrl-C in the terminal is not theirs. */
export function launcher(): Launcher {
  const owner = process.getuid?.() === 0 ? postgresUser() : null;
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));
  const start = (program: string, args: string[], cwd: string): ChildProcess => {
    const options = {
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
    };
    if (!setpriv) return spawn(program, args, owner ? { ...options, ...owner } : options);
    const who = owner
      ? [
          `--reuid=${owner.uid}`,
          `--regid=${owner.gid}`,
          '--clear-groups',
          '--inh-caps=+dac_override',
          '--ambient-caps=+dac_override',
        ]
      : [];
    return spawn(setpriv, [...who, '--pdeathsig=INT', program, ...args], options);
  };
  return { owner, spawn: start };
}

function postgresUser(): { uid: number; gid: number } {
  const id = (flag: string): number =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    try {
      execFileSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
    } catch (cause) {
      throw new Error(
        'Postgres refuses to run as root, and no system user "postgres" could be made (useradd); make one, or set DATABASE_URL',
        { cause },
      );
    }
    return { uid: id('-u'), gid: id('-g') };
  }
}
