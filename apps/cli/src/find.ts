import type { PeftgridClient } from '#contracts/client.js';
import type { ExperimentView } from '#contracts/experiment.js';
import { Failure } from './failure.js';

/** The experiment with this id, the beginning of one, or a name (then the newest of that name). Throws
 *  Failure where none or several fit. */
export async function findExperiment(client: PeftgridClient, text: string): Promise<ExperimentView> {
  const found = await experimentCalled(client, text);
  if (found) return found;
  throw new Failure(`no experiment "${text}"; ./peftgrid ls lists them`);
}

/** As findExperiment; null where none fits. Throws Failure where several do. */
export async function experimentCalled(client: PeftgridClient, text: string): Promise<ExperimentView | null> {
  const all = text ? await client.experiments({ called: text }) : [];
  const named = all.find((e) => e.name === text);
  if (named) return named;
  if (all.length === 1) return all[0]!;
  if (all.length > 1)
    throw new Failure(`"${text}" is the beginning of ${all.length} experiments: give more of the id`);
  return null;
}

/** The id of a trial: of a cell's, by the beginning of one of their ids or by GRID/INDEX in the newest
 *  experiment that has it; or one that no cell shows (adaptation, pretraining). Throws Failure where none or
 *  several fit. */
export async function findTrial(client: PeftgridClient, text: string): Promise<string> {
  if (text.length < 4 && !text.includes('/'))
    throw new Failure(`"${text}" is too short: give at least four letters of an id`);
  const found = await client.trialsCalled(text);
  if (new Set(found.map(({ trialId }) => trialId)).size > 1)
    throw new Failure(`"${text}" is the beginning of ${found.length} ids: give more of it`);
  if (found[0]) return found[0].trialId;
  if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(text)) return text;
  throw new Failure(
    `no cell or trial "${text}"; ./peftgrid table EXPERIMENT --json lists cells, or name one as GRID/INDEX`,
  );
}
