import { connect } from '../connect.js';
import { experimentCalled, findTrial } from '../find.js';
import { type Common, print, printJson } from '../output.js';

/** `peftgrid retry CELL|TRIAL|EXPERIMENT`: prints how many trials are tried again, those that lost their
 *  artifacts among them; --json { trials: their ids }. */
export async function retry(id: string, { json }: Common): Promise<void> {
  const { client } = await connect();
  const experiment = await experimentCalled(client, id);
  if (!experiment) {
    const { id: trialId, state } = await client.retry(await findTrial(client, id));
    return json ? printJson({ trials: [trialId] }) : print(`trial ${trialId.slice(0, 8)} is ${state} again`);
  }
  const retried = await client.retryAll(experiment.id);
  const { length } = retried.trials;
  if (json) return printJson(retried);
  if (length === 0) print('nothing to try again: no trial failed, was cancelled or lost its artifacts');
  else if (length === 1) print(`trial ${retried.trials[0]!.slice(0, 8)} is tried again`);
  else print(`${length} trials are tried again`);
  if (experiment.state === 'cancelled' && length) print(`experiment ${experiment.name} is active again`);
}
