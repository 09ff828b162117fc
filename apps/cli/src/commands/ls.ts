import type { ExperimentView } from '#contracts/experiment.js';
import { connect } from '../connect.js';
import { columns } from '../columns.js';
import { localTime } from '../local-time.js';
import { type Common, print, printJson, say } from '../output.js';

/** `peftgrid ls`: one line an experiment, newest first: id, name, state, trials done of all, when (local time
 *  with its offset). */
export async function ls({ json }: Common): Promise<void> {
  const { client } = await connect();
  const all = await client.experiments();
  if (json) return printJson(all);
  if (all.length === 0) return say('no experiment yet: ./peftgrid submit examples/demo.yaml');
  print(columns([['ID', 'NAME', 'STATE', 'DONE', 'FAILED', 'SUBMITTED'], ...all.map(line)]));
}

function line({ id, name, state, trials, createdAt }: ExperimentView): string[] {
  const total = Object.values(trials).reduce((a, b) => a + b, 0);
  return [
    id.slice(0, 8),
    name,
    state,
    `${trials.succeeded ?? 0}/${total}`,
    String(trials.failed ?? 0),
    localTime(createdAt),
  ];
}
