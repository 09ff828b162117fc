import { setTimeout as sleep } from 'node:timers/promises';
import { type Here, identityIn, openApiStore, openKeptStore, ownFolder } from '#artifacts/open.js';
import type { Store } from '#artifacts/store.js';
import { type StoreRecord, storeRecord } from '#db/artifact-store.js';
import { versionsFit } from '#db/code-version.js';
import type { Database } from '#db/database.js';

const everyMs = 500;

export interface StoreWish {
  artifacts: string | undefined; // ARTIFACTS: this store and no other
  apiUrl: string | undefined; // instead of the address that the API gives itself
  token: string; // for the API
  version: string; // ours
  here: Here;
}

/** The store that the API keeps: as ARTIFACTS says, or the folder of this home where the API has the same, or
 *  through the API. Throws a sentence where ARTIFACTS is another store than the API's, or the API is of
 *  another version. */
export async function openWorkersStore(record: StoreRecord, wish: StoreWish): Promise<Store> {
  const { artifacts, apiUrl, token, here } = wish;
  checkVersion(record, wish.version);
  if (artifacts !== undefined) {
    if (await isStore(artifacts, record)) return openKeptStore(artifacts, here);
    throw new Error(
      `ARTIFACTS is ${artifacts}, and the API keeps artifacts in ${record.address ?? 'another folder'}: set both to the same, or leave it out here to get them from the API`,
    );
  }
  if ((await identityIn(ownFolder(here.home))) === record.identity) return openKeptStore(undefined, here);
  return openApiStore({ url: apiUrl ?? record.apiUrl, token }, here);
}

const isStore = async (artifacts: string, { identity }: StoreRecord): Promise<boolean> =>
  (artifacts.startsWith('s3:') ? artifacts.replace(/\/+$/, '') : await identityIn(artifacts)) === identity;

/** Throws where API and worker can not work together. */
export function checkVersion({ version: theirs }: StoreRecord, ours: string): void {
  if (versionsFit(ours, theirs) === 'other')
    throw new Error(
      `this worker is peftgrid ${ours}, and the API is ${theirs}: start a worker of the API's version`,
    );
}

/** Waits until an API has said where artifacts lie. Throws one sentence where the patience ends before; null
 *  where it is aborted. */
export async function awaitStoreRecord(
  db: Database,
  { patienceMs, signal, log }: { patienceMs: number; signal: AbortSignal; log(line: string): void },
): Promise<StoreRecord | null> {
  const since = performance.now();
  for (let said = false; !signal.aborted; said = true) {
    const record = await storeRecord(db);
    if (record) return record;
    if (performance.now() - since > patienceMs)
      throw new Error('no API has said where artifacts lie; start the API first');
    if (!said) log(`no API has said yet where artifacts lie; waiting up to ${patienceMs / 1e3} s for it`);
    await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
  return null;
}
