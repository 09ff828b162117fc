import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { s3Server } from '../../apps/cli/src/s3-server.js';
import { until } from './until.js';

export const credentials = {
  AWS_ACCESS_KEY_ID: 'key-of-the-test',
  AWS_SECRET_ACCESS_KEY: 'secret-of-the-test',
};

/** The S3 server's program, which `./peftgrid test` installs; null where it is not here. */
export const s3Program = ((): string | null => {
  const own = s3Server.path();
  if (existsSync(own)) return own;
  return spawnSync('versitygw', ['--version']).status === 0 ? 'versitygw' : null;
})();

/** `it` for tests on S3: where its server is not installed they are skipped, and in CI they fail. */
export const itOnS3: typeof it = s3Program || process.env['CI'] ? it : (it.skip as typeof it);

/** A real S3 server on a folder of its own. A bucket is a folder in it. */
export class S3Server {
  private constructor(
    private readonly child: ChildProcess,
    readonly folder: string,
    readonly port: number,
  ) {}

  static async start(bucket: string): Promise<S3Server> {
    if (!s3Program)
      throw new Error(
        `no S3 server is installed here: ${s3Server.command} with Go, or ./peftgrid test, installs it`,
      );
    const folder = mkdtempSync(join(tmpdir(), 'peftgrid-s3-'));
    mkdirSync(join(folder, bucket));
    const port = await freePort();
    const env = {
      ...process.env,
      ROOT_ACCESS_KEY: credentials.AWS_ACCESS_KEY_ID,
      ROOT_SECRET_KEY: credentials.AWS_SECRET_ACCESS_KEY,
    };
    const child = spawn(s3Program, ['--port', `127.0.0.1:${port}`, '--quiet', 'posix', folder], {
      env,
      stdio: 'ignore',
    });
    await until('the S3 server answers', () => fetch(`http://127.0.0.1:${port}/`).then(() => true), 30_000);
    return new S3Server(child, folder, port);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      this.child.kill('SIGKILL');
      await once(this.child, 'exit');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}
