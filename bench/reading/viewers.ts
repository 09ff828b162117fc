import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface Viewers {
  bytes(): Promise<number>; // that have come so far, heads left out
  close(): Promise<void>;
}

/** So many open event streams of one experiment, in a process of their own. Throws where they cannot be
 *  opened. */
export async function openViewers(
  url: string,
  experimentId: string,
  count: number,
  view: 'each' | 'live' = 'live',
): Promise<Viewers> {
  const child = fork(join(__dirname, 'viewer-process.js'), [url, experimentId, String(count), view]);
  const opened = await Promise.race([
    once(child, 'message').then(() => true),
    once(child, 'exit').then(() => false),
  ]);
  if (!opened) throw new Error(`${count} viewers could not be opened`);
  return {
    bytes: async () => {
      const answer = once(child, 'message') as Promise<[number]>;
      child.send('bytes');
      return (await answer)[0];
    },
    close: async () => {
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    },
  };
}
