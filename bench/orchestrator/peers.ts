import { join, resolve } from 'node:path';
import { peftgridHome } from '#engine/install/library.js';
import { childJson } from '../child-json.js';
import { round } from '../numbers.js';
import { orchestrationPeers, peerPython } from '../peer-environment.js';
import type { Figure } from './figures.js';
import type { Stack } from './stack.js';

export interface PeerExtent {
  seconds: number;
  waiting: number; // trials that Optuna has enqueued
  reports: number; // intermediate values that each process of Optuna stores
  trials: number; // of Ray Tune's grid
}

export const wholePeers: PeerExtent = { seconds: 8, waiting: 1_000, reports: 1_000, trials: 400 };
export const quickPeers: PeerExtent = { seconds: 2, waiting: 50, reports: 50, trials: 20 };

const folder = resolve(__dirname, '..', '..', '..', 'bench', 'peers');
const processes = 4;

/** The figures with what Optuna, on the same Postgres server, and Ray Tune have where they do the like:
 *  trials that do nothing. Both are measured on this machine, with nothing of ours at work. */
export async function withPeers(
  figures: readonly Figure[],
  stack: Stack,
  { seconds, waiting, reports, trials }: PeerExtent,
  say: (line: string) => void,
): Promise<Figure[]> {
  const python = peerPython(peftgridHome(), folder, say, orchestrationPeers);
  const fresh = await optunaUrl(stack);
  const optuna = (queued: number, stored: number) =>
    childJson<{ trials_per_s?: number; reports_per_s?: number }>(python, [
      join(folder, 'orchestrator_optuna.py'),
      fresh,
      ...[processes, seconds, queued, stored].map(String),
    ]);
  const ray = () =>
    childJson<{ trials_per_s: number }>(python, [join(folder, 'orchestrator_ray.py'), String(trials), '2']);
  const peers: Record<string, [string, number]> = {
    'trials-postgres-4': [`Optuna on Postgres, ${processes} processes`, optuna(0, 0).trials_per_s!],
    'trials-postgres-16-of-100k': [
      `Optuna on Postgres, ${processes} processes, ${waiting} enqueued`,
      optuna(waiting, 0).trials_per_s!,
    ],
    'trials-postgres-16': [`Ray Tune, ${trials} trials, actors reused`, ray().trials_per_s],
    'metric-points': [
      `Optuna's intermediate values, ${processes} processes`,
      optuna(0, reports).reports_per_s!,
    ],
  };
  return figures.map((f) => {
    const [peer, value] = peers[f.id] ?? [null, null];
    return { ...f, peer, peer_value: value === null ? null : round(value, 2) };
  });
}

async function optunaUrl(stack: Stack): Promise<string> {
  await stack.createDatabase('optuna');
  return stack.databaseUrl('optuna').replace('postgresql:', 'postgresql+psycopg2:');
}
