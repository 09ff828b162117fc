import { visibleLine } from '#analysis/visible-text.js';
import { connect } from '../connect.js';
import { findExperiment } from '../find.js';
import { type Common, print, printJson } from '../output.js';

const done = { cancel: 'cancelled', pause: 'paused: what runs goes on to its end', resume: 'goes on' };

/** `peftgrid cancel|pause|resume EXPERIMENT`: prints "NAME (1f3a09c2) is cancelled". */
export async function steer(verb: keyof typeof done, id: string, { json }: Common): Promise<void> {
  const { client } = await connect();
  const { id: whole } = await findExperiment(client, id);
  const view = await client[verb](whole);
  if (json) return printJson(view);
  print(`${visibleLine(view.name)} (${whole.slice(0, 8)}) ${verb === 'resume' ? '' : 'is '}${done[verb]}`);
}
