import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { peftgridHome } from '#engine/install/library.js';

const version = 'v1.8.0';
const program = `github.com/versity/versitygw/cmd/versitygw@${version}`;

/** The S3 server that tests run against. Go builds it, once. */
export const s3Server = {
  command: `go install ${program}`,

  path: (): string => join(peftgridHome(), 'tools', `versitygw-${version}`, 'versitygw'),

  /** Null where it is there now, else why not. */
  install(): string | null {
    const path = s3Server.path();
    if (existsSync(path)) return null;
    if (spawnSync('go', ['version'], { stdio: 'ignore' }).status !== 0)
      return 'Go, which builds it, is not installed';
    mkdirSync(dirname(path), { recursive: true });
    const { status, stderr } = spawnSync('go', ['install', program], {
      env: { ...process.env, GOBIN: dirname(path) },
      encoding: 'utf8',
    });
    if (status === 0) return null;
    rmSync(path, { force: true });
    return `${s3Server.command} failed: ${stderr.trim().split('\n').at(-1)}`;
  },
};
