import { homedir } from 'node:os';
import { join } from 'node:path';
import { tokenFault } from './access/tokens.js';

export interface Settings {
  port: number; // 0: a free one
  host: string;
  databaseUrl: string;
  redisUrl: string | undefined; // undefined: the queue is in Postgres
  home: string; // folder of artifacts, where `artifacts` says nothing else
  artifacts?: string | undefined; // the store: s3://… or a folder
  publicUrl?: string | undefined; // at which others reach the API; undefined: where it listens
  token: string | undefined; // undefined: loopback only
  roots?: string[]; // folders of this machine that a grid may name
  uploadBytes?: number; // of one file that is taken into the store, at most; default mostUploaded
  proxies?: string[]; // addresses or networks whose X-Forwarded-For is believed
}

export const mostUploaded = 2e9; // bytes

const loopback = new Set(['127.0.0.1', '::1', 'localhost']);

/** The API's environment. Throws one sentence that names the variable. */
export function settings(env: NodeJS.ProcessEnv): Settings {
  const { HOST: host = '127.0.0.1', PORT = '7420', DATABASE_URL: databaseUrl, PEFTGRID_TOKEN: token } = env;
  const port = Number(PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`PORT is "${PORT}"; expected 0 to 65535`);
  if (!databaseUrl)
    throw new Error('DATABASE_URL is not set; expected postgresql://user:password@host:port/database');
  if (!loopback.has(host) && !token) {
    throw new Error(
      `HOST is ${host}, which others can reach: set PEFTGRID_TOKEN to a secret, or leave HOST at 127.0.0.1`,
    );
  }
  const fault = token ? tokenFault(token, { guessed: !loopback.has(host) }) : null;
  if (fault) throw new Error(`PEFTGRID_TOKEN ${fault}`);
  const home = env['PEFTGRID_HOME'] ?? join(homedir(), '.peftgrid');
  if (env['PEFTGRID_DATA'])
    throw new Error(
      'PEFTGRID_DATA is not read any more: files travel with what is submitted (docs/reproducibility.md); unset it',
    );
  const megabytes = Number(env['PEFTGRID_UPLOAD_MB'] || mostUploaded / 1e6);
  if (!Number.isInteger(megabytes) || megabytes < 1)
    throw new Error(`PEFTGRID_UPLOAD_MB is "${env['PEFTGRID_UPLOAD_MB']}"; expected a whole number from 1`);
  return {
    port,
    host,
    databaseUrl,
    redisUrl: env['REDIS_URL'] || undefined,
    home,
    artifacts: env['ARTIFACTS'] || undefined,
    publicUrl: publicUrlOf(env['PEFTGRID_PUBLIC_URL']),
    token: token || undefined,
    proxies: (env['PEFTGRID_PROXIES'] ?? '')
      .split(',')
      .map((a) => a.trim())
      .filter(Boolean),
    roots: (env['PEFTGRID_ROOTS'] ?? '').split(':').filter(Boolean),
    uploadBytes: megabytes * 1e6,
  };
}

function publicUrlOf(text: string | undefined): string | undefined {
  if (!text) return undefined;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new Error(
      `PEFTGRID_PUBLIC_URL is "${text}"; expected an address such as https://peftgrid.example.org`,
    );
  return text.replace(/\/+$/, '');
}
