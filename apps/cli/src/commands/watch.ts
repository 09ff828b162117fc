import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '#contracts/client.js';
import type { ExperimentView } from '#contracts/experiment.js';
import { connect, type Server } from '../connect.js';
import { findExperiment } from '../find.js';
import { type Common, printJson, say } from '../output.js';
import { WatchNews } from '../watch-news.js';
import { WatchScreen } from '../watch-screen.js';
import { isFinal, WatchState } from '../watch-state.js';

const readAgain = 2000; // ms between looks at counts and ETA

/** `peftgrid watch EXPERIMENT`: until it has ended; on a terminal redrawn in place, else a line for every
 *  trial that ends. Ends with 1 where trials failed or the experiment was cancelled. --json: one JSON object
 *  a line as things happen, the last of which has the cells (docs/tables.md). */
export async function watch(id: string, options: Common): Promise<void> {
  const server = await connect();
  await follow(server, (await findExperiment(server.client, id)).id, options);
}

/** Until the event stream has told of the experiment's end. That it has finished is told after every trial's
 *  end; that it was cancelled, before those that still run have stopped. */
export async function follow(
  { client, url }: Pick<Server, 'client' | 'url'>,
  id: string,
  { json }: Common,
): Promise<void> {
  const { at, cells } = await client.cellsAt(id);
  // Read after `at`: an end that this does not show is still to come in the events behind `at`.
  const state = new WatchState(client, await client.experiment(id), cells);
  const screen = new WatchScreen(process.stderr);
  const news = json ? new WatchNews(printJson) : null;
  const stop = new AbortController();
  const heard = { end: hasEnded(state.experiment.state) };
  const listening = heard.end ? Promise.resolve() : listen();
  try {
    news?.experiment(state.experiment);
    while (!heard.end) {
      screen.draw(state);
      await Promise.race([sleep(readAgain, undefined, { signal: stop.signal }), listening]);
      await refresh();
      news?.experiment(state.experiment);
    }
  } finally {
    stop.abort();
  }
  await listening;
  state.experiment = await client.experiment(id);
  screen.finish(state);
  news?.experiment(state.experiment);
  news?.end(state.experiment, await client.cells(id));
  if (state.experiment.state === 'cancelled' || (state.experiment.trials.failed ?? 0) > 0)
    process.exitCode = 1;

  async function listen(): Promise<void> {
    for await (const event of client.events(id, { after: at, signal: stop.signal })) {
      const trial = await state.apply(event).catch(() => null); // what was missed is read again
      if (trial && isFinal(trial.state)) screen.tell(trial);
      if (event.type !== 'experiment') news?.trial(event.trialId, state.trials.get(event.trialId));
      else if (hasEnded(event.state)) {
        heard.end = true;
        return;
      }
    }
  }

  /** Where the server is away for a while the picture stays; the event stream reconnects by itself. */
  async function refresh(): Promise<void> {
    try {
      state.experiment = await client.experiment(id);
      screen.reached();
    } catch (error) {
      if (error instanceof ApiError && error.status < 500) throw error;
      screen.lost(() => say(`no answer from ${url}; waiting for it …`));
      await sleep(500);
    }
  }
}

const hasEnded = (state: ExperimentView['state']): boolean => state === 'finished' || state === 'cancelled';
