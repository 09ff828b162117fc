import { ApiError, type PeftgridClient } from '#contracts/client.js';
import type { TrialView } from '#contracts/experiment.js';
import { connect } from '../connect.js';
import { findExperiment, findTrial } from '../find.js';
import { type Common, print, printJson } from '../output.js';

const worthATry = new Set(['failed', 'cancelled', 'succeeded']); // the last where its artifacts are lost

/** `peftgrid retry CELL|TRIAL|EXPERIMENT`: prints how many trials are tried again, those that lost their
 *  artifacts among them. */
export async function retry(id: string, { json }: Common): Promise<void> {
  const { client } = await connect();
  const experiment = await findExperiment(client, id).catch(() => null);
  const views = experiment
    ? await retryAll(client, experiment.id)
    : [await client.retry(await findTrial(client, id))];
  if (json) return printJson(views);
  if (views.length === 0) print('nothing to try again: no trial failed, was cancelled or lost its artifacts');
  else if (views.length === 1) print(`trial ${views[0]!.id.slice(0, 8)} is ${views[0]!.state} again`);
  else print(`${views.length} trials are tried again`);
  if (experiment?.state === 'cancelled' && views.length)
    print(`experiment ${experiment.name} is active again`);
}

async function retryAll(client: PeftgridClient, experimentId: string): Promise<TrialView[]> {
  const cells = (await client.cells(experimentId)).filter((c) => worthATry.has(c.state));
  const views: TrialView[] = [];
  const states = new Map(cells.map((c) => [c.trialId, c.state]));
  for (const [trialId, state] of states) {
    const view = await client.retry(trialId).catch((error: Error) => {
      // it has lost nothing
      if (state === 'succeeded' && error instanceof ApiError && error.status === 409) return null;
      throw error;
    });
    if (view) views.push(view);
  }
  return views;
}
