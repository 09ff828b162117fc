import type { CellView } from '#contracts/experiment.js';
import { connect } from './connect.js';
import { findExperiment } from './find.js';
import { readRunFolder } from './run-folder.js';

/** The cells of a run's folder, which needs no server, or else of a server's experiment. */
export async function cellsToShow(text: string): Promise<{ name: string; cells: CellView[] }> {
  const run = readRunFolder(text);
  if (run) return run;
  const { client } = await connect();
  const { id, name } = await findExperiment(client, text);
  return { name, cells: await client.cells(id) };
}
