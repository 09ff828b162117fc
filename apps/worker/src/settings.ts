import { cpus, homedir, hostname, totalmem } from 'node:os';
import { join } from 'node:path';
import { workersPatienceS } from '#artifacts/patience.js';
import { Label } from '#contracts/labels.js';
import { type Device, deviceOf } from './device.js';
import type { Patience } from './silence.js';

export interface Settings {
  id: string; // of this process, for as long as it lives
  databaseUrl: string;
  redisUrl: string | undefined; // undefined: the queue is in Postgres
  home: string; // folder of scratch and cache, and of artifacts where the API has the same
  artifacts: string | undefined; // the store: s3://… or a folder; undefined: as the API has it
  apiUrl: string | undefined; // where the API is reached; undefined: as it says itself
  labels: string[]; // that its operator gave it
  joinId: string | undefined; // of the link with which its machine joined
  device: Device | undefined; // undefined: a GPU where there is one
  cacheBytes: number; // of checkpoints and inputs on this machine, about
  storePatienceMs: number; // with an artifact store that is away
  drainMs: number; // that trials may go on when the worker is told to end
  slots: number; // gangs trained at once, each by a trainer of its own
  gang: number; // trials that may share a step, at most
  threads: number; // of one trainer's ops; part of what makes results repeatable bit for bit
  trainerGrowth: number; // bytes of memory by which a trainer may grow before it is replaced between trials
  patience: Patience; // with a trainer that says nothing
  faultPauseMs: number; // without work after a fault of the machine, at least
  schemaPatienceMs: number; // with a database whose tables are older than this version
}

/** The worker's environment. Throws one sentence that names the variable. */
export function settings(env: NodeJS.ProcessEnv): Settings {
  const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl } = env;
  if (!databaseUrl)
    throw new Error('DATABASE_URL is not set; expected postgresql://user:password@host:port/database');
  const slots = positive(env, 'PEFTGRID_SLOTS', 1);
  return {
    id: `${hostname()}-${process.pid}-${Date.now().toString(36)}`,
    databaseUrl,
    redisUrl: redisUrl || undefined,
    home: env['PEFTGRID_HOME'] ?? join(homedir(), '.peftgrid'),
    artifacts: env['ARTIFACTS'] || undefined,
    apiUrl: env['PEFTGRID_URL'] || undefined,
    labels: labelsOf(env['PEFTGRID_LABELS'] ?? ''),
    joinId: env['PEFTGRID_JOIN_ID'] || undefined,
    device: deviceOf(env['PEFTGRID_DEVICE'] ?? ''),
    cacheBytes: 1e9 * positive(env, 'PEFTGRID_CACHE_GB', 50),
    storePatienceMs: 1e3 * positive(env, 'PEFTGRID_STORE_PATIENCE_S', workersPatienceS),
    drainMs: 1e3 * Number(env['PEFTGRID_DRAIN_S'] ? positive(env, 'PEFTGRID_DRAIN_S', 1) : 0),
    slots,
    gang: positive(env, 'PEFTGRID_GANG', 4),
    threads: positive(env, 'PEFTGRID_THREADS', Math.max(1, Math.floor(cpus().length / slots))),
    trainerGrowth: positive(env, 'PEFTGRID_TRAINER_GROWTH_MB', growthMb(memoryHere(), slots)) * 1e6,
    patience: {
      loadMs: 1e3 * positive(env, 'PEFTGRID_LOAD_PATIENCE_S', 900),
      stepMs: 1e3 * positive(env, 'PEFTGRID_STEP_PATIENCE_S', 300),
    },
    faultPauseMs: 1e3 * positive(env, 'PEFTGRID_FAULT_PAUSE_S', 60),
    schemaPatienceMs: 1e3 * positive(env, 'PEFTGRID_SCHEMA_PATIENCE_S', 60),
  };
}

/** MB by which each trainer may grow, on a machine of so many bytes: a tenth of them in all. A fresh trainer
 *  loads, compiles and measures references anew, which takes a short trial's time, so 800 at least. */
export const growthMb = (memoryBytes: number, slots: number): number =>
  Math.max(800, Math.floor(memoryBytes / 1e7 / slots));

/** Of the machine, or what the container gives of it. */
function memoryHere(): number {
  const given = process.constrainedMemory(); // 0, or more than there is: no limit
  return given > 0 ? Math.min(given, totalmem()) : totalmem();
}

function positive(env: NodeJS.ProcessEnv, name: string, otherwise: number): number {
  const text = env[name];
  const value = text ? Number(text) : otherwise;
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`${name} is "${text}"; expected a whole number from 1`);
  return value;
}

function labelsOf(text: string): string[] {
  const labels = text.split(',').map((label) => label.trim()).filter(Boolean); // prettier-ignore
  const odd = labels.find((label) => !Label.safeParse(label).success);
  if (odd !== undefined)
    throw new Error(
      `PEFTGRID_LABELS has "${odd}"; expected labels of letters, digits and ._:=/- with commas between them`,
    );
  return [...new Set(labels)];
}
