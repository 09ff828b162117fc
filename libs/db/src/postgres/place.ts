import {
  chmodSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { postgresFolder, postgresVersion } from './binaries.js';
import { processesIn } from './processes-in.js';
import { type Owner, serverUser } from './unprivileged.js';
import { withinReach } from './within-reach.js';

/** home/postgres. Only `data` is the server's; the folder around it, with the password, stays ours. */
export interface Place {
  root: string;
  data: string;
  programs: string;
  owner: Owner | null; // whom the server runs as; null: us
  log(line: string): void;
}

/** The folder of a home's database, made where it is missing. Throws a sentence where what lies there is not
 *  this version's. */
export async function openPlace(home: string, log: (line: string) => void): Promise<Place> {
  const root = join(home, 'postgres');
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const owner = serverUser(log);
  if (owner) lchownSync(root, 0, 0); // older versions gave it to the server
  chmodSync(root, 0o700);
  const folder = postgresFolder();
  const version = postgresVersion(folder);
  const reached = owner
    ? await withinReach(folder, join('/var/lib/peftgrid', `postgres-${version}`), log)
    : folder;
  const place = { root, data: join(root, 'data'), programs: join(reached, 'bin'), owner, log };
  setAsideUnfinished(place);
  refuseOtherVersion(place, Number.parseInt(version, 10));
  return place;
}

export const holdsCluster = ({ data }: Place): boolean => existsSync(join(data, 'PG_VERSION'));

/** initdb works in another folder; a `data` without a cluster was made by hand or lost its files. Nothing is
 *  deleted. */
function setAsideUnfinished(place: Place): void {
  const { data, log } = place;
  if (!existsSync(data) || holdsCluster(place) || readdirSync(data).length === 0) return;
  if (existsSync(join(data, 'global', 'pg_control')))
    throw new Error(
      `${data} is damaged: it has a database's files and no PG_VERSION; restore it, or move it away to begin anew`,
    );
  const aside = `${data}.unfinished-${Date.now()}`;
  renameSync(data, aside);
  log(`${data} held no finished database; it is kept as ${aside}, and a new one is made`);
}

function refuseOtherVersion(place: Place, ours: number): void {
  if (!holdsCluster(place)) return;
  const text = readFileSync(join(place.data, 'PG_VERSION'), 'utf8').trim();
  if (text === String(ours)) return;
  const what = /^\d+(\.\d+)?$/.test(text)
    ? `was made by Postgres ${text}`
    : 'is damaged (its PG_VERSION names no version)';
  throw new Error(
    `the database in ${place.data} ${what}, and this peftgrid brings Postgres ${ours}: ` +
      'use the peftgrid that made it, or move the folder away to begin anew',
  );
}

/** Gives the cluster to whom the server runs as. Throws where it belongs to somebody who has a home of their
 *  own here. */
export function takeOver({ data, root, owner, log }: Place, home: string): void {
  if (!owner || !existsSync(data)) return;
  const { uid } = statSync(data);
  if (uid === owner.uid) return;
  if (uid !== 0 && uid === statSync(home).uid)
    throw new Error(
      `${home} belongs to the user with id ${uid}: run peftgrid as that user, or give the folder to root`,
    );
  log(`the database's files are given to the user with id ${owner.uid}, whom it runs as`);
  giveTo(owner, data);
  chmodSync(root, 0o700);
}

/** The folder last: where this is interrupted it is done again. */
function giveTo(owner: Owner, path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) giveTo(owner, inner);
    else lchownSync(inner, owner.uid, owner.gid);
  }
  lchownSync(path, owner.uid, owner.gid);
}

/** Ends whatever a killed server left working in a folder: backends, and programs that statements started. */
export async function clearOf(folder: string): Promise<void> {
  for (let tries = 0; tries < 40; tries++) {
    const left = processesIn(folder);
    if (left.length === 0) return;
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // gone
      }
    }
    await sleep(50);
  }
}
