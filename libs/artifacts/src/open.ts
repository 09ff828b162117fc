import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { Folder } from './folder.js';
import { HttpPlace } from './over-http.js';
import type { Patience } from './patience.js';
import type { KeptPlace, Place } from './place.js';
import type { Store } from './store.js';

export interface Here {
  home: string;
  patience: Patience;
  copiesBytes: number; // that copies may take here, about
  silenceMs?: number; // of a connection, after which it is cut and tried again; absent: a minute
}

/** The folder of a home's own store. */
export const ownFolder = (home: string): string => join(home, 'artifacts');

/** The store that `address` names: s3://bucket/prefix, or the absolute path of a folder; absent: the home's
 *  own folder. Throws a sentence where it is neither. */
export async function openKeptStore(address: string | undefined, here: Here): Promise<Store<KeptPlace>> {
  if (address?.startsWith('s3:'))
    return openRemote(new (await import('./s3.js')).S3Place(address, here.silenceMs), here);
  if (address !== undefined && !isAbsolute(address))
    throw new Error(
      `ARTIFACTS is "${address}"; expected s3://bucket/prefix or the absolute path of a folder`,
    );
  const folder = await Folder.open(address ?? ownFolder(here.home));
  return { place: folder, local: folder, patience: here.patience, copiesBytes: Infinity };
}

/** The store of the API at `url`, which lets `token` in. */
export function openApiStore({ url, token }: { url: string; token: string }, here: Here): Promise<Store> {
  return openRemote(new HttpPlace(url.replace(/\/+$/, ''), token, here.silenceMs), here);
}

async function openRemote<P extends Place>(
  place: P,
  { home, patience, copiesBytes }: Here,
): Promise<Store<P>> {
  return { place, local: await Folder.open(join(home, 'cache', 'contents')), patience, copiesBytes };
}

/** What tells one store from another: of a folder a name that lies in it, so that two paths or machines know
 *  that they share it. */
export async function identityOf({ place }: Store): Promise<string> {
  if (!(place instanceof Folder)) return place.name;
  const mine = randomUUID();
  try {
    await writeFile(nameFile(place.root), mine, { flag: 'wx', flush: true });
    return mine;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return readFile(nameFile(place.root), 'utf8');
  }
}

/** The same of a folder that may not be a store. */
export const identityIn = (root: string): Promise<string | null> =>
  readFile(nameFile(root), 'utf8').catch(() => null);

const nameFile = (root: string): string => join(root, 'store-id');
