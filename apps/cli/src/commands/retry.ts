import { connect } from '../connect.js';
import { findExperiment, findTrial } from '../find.js';
import { type Common, print, printJson } from '../output.js';

/** `peftgrid retry CELL|TRIAL|EXPERIMENT`: prints how many trials are ready again. */
export async function retry(id: string, { json }: Common): Promise<void> {
  const { client } = await connect();
  const experiment = await findExperiment(client, id).catch(() => null);
  const ids = experiment
    ? (await client.cells(experiment.id)).filter((c) => c.state === 'failed' || c.state === 'cancelled').map((c) => c.trialId)
    : [await findTrial(client, id)];
  const views = [];
  for (const trial of new Set(ids)) views.push(await client.retry(trial));
  if (json) return printJson(views);
  print(
    views.length === 1
      ? `trial ${views[0]!.id.slice(0, 8)} is ${views[0]!.state} again`
      : `${views.length} trials are tried again`,
  );
}
