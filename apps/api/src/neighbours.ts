import { Readable } from 'node:stream';
import { neighboursView } from '#analysis/neighbours/neighbours-view.js';
import type { Store } from '#artifacts/store.js';
import type { TrialView } from '#contracts/experiment.js';
import {
  DamagedNeighbours,
  neighboursFile,
  NeighboursQuery,
  type NeighboursView,
  readNeighbours,
} from '#contracts/neighbours.js';
import { noNeighbours } from '#contracts/virtual-tokens.js';
import { openStored } from './open-stored.js';
import { Refused } from './refused.js';

/** What is asked for. A 400 names each parameter that is not one. */
export function neighboursQuery(query: unknown): NeighboursQuery {
  const { success, data, error } = NeighboursQuery.safeParse(query);
  if (success) return data;
  const issues = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new Refused(400, 'the neighbours cannot be asked for like this', issues);
}

interface Kept extends Pick<TrialView, 'id' | 'state' | 'config' | 'checkpoints'> {
  store: Store;
}

/** What a trial's virtual tokens are near to. A 404 says why nothing was kept, a 410 where the file is
 *  lost, a 400 where fewer neighbours were kept. */
export async function readNeighboursOf(
  { id, state, config, checkpoints, store }: Kept,
  query: NeighboursQuery,
): Promise<NeighboursView> {
  const kept = checkpoints.findLast(({ kind }) => kind === 'neighbours');
  const file = kept?.files.find(({ path }) => path === neighboursFile);
  if (!file) throw new Refused(404, `trial ${id} has no neighbours: ${noNeighbours(state, config)}`);
  const { stream } = await openStored(store, { kind: 'neighbours', path: neighboursFile, hash: file.hash });
  try {
    return neighboursView(await readNeighbours(Readable.toWeb(stream) as ReadableStream<Uint8Array>), query);
  } catch (error) {
    if (error instanceof RangeError)
      throw new Refused(400, 'the neighbours cannot be asked for like this', [
        { path: 'k', message: error.message },
      ]);
    if (!(error instanceof DamagedNeighbours)) throw error;
    const what = `the neighbours of trial ${id} can not be read`;
    throw new Refused(500, `${what}: ${neighboursFile}, ${error.message}`);
  } finally {
    stream.destroy();
  }
}
