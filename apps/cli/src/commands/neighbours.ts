import { createReadStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { neighboursRemarks, positionText } from '#analysis/neighbours/neighbours-text.js';
import { neighboursView } from '#analysis/neighbours/neighbours-view.js';
import { visibleLine } from '#analysis/visible-text.js';
import {
  DamagedNeighbours,
  neighboursFile,
  type NeighboursQuery,
  type NeighboursView,
  readNeighbours,
} from '#contracts/neighbours.js';
import { connect } from '../connect.js';
import { Failure } from '../failure.js';
import { findTrial } from '../find.js';
import { cellOfRun } from '../kept-predictions.js';
import { type Common, print, printJson } from '../output.js';
import { readRunFolder } from '../run-folder.js';
import { resultIn } from '../trial-folder.js';
import { wrappedColumns } from '../wrapped-columns.js';

interface Options extends Common, NeighboursQuery {}

/** `peftgrid neighbours CELL|TRIAL|GRID/INDEX [--k K] [--metric M]`, or RUNFOLDER CELL: what every position
 *  of a prompt is near to before and after training, and what the whole amounts to. Throws Failure where a
 *  trial has none. */
export async function neighbours(
  id: string,
  cell: string | undefined,
  { json, k, metric }: Options,
): Promise<void> {
  const view = await viewOf(id, cell, { k, metric });
  if (json) return printJson(view);
  const rows = view.positions.map((at) => {
    const { position, before, after, moved, alike } = positionText(at);
    return [after, position, before, moved, alike];
  });
  const width = Math.max((process.stdout.columns || 80) - 1, 40);
  print(wrappedColumns(['near to after training', 'at', 'before training', 'moved', 'alike'], rows, width));
  print(`\n${neighboursRemarks(view).map(visibleLine).join('\n')}`);
}

async function viewOf(id: string, cell: string | undefined, query: NeighboursQuery): Promise<NeighboursView> {
  const run = readRunFolder(id);
  if (run) return viewInFolder(resolve(id), cellOfRun(id, run, cell).trialId, query);
  if (cell !== undefined)
    throw new Failure(`there is no run’s folder ${id}; of a server’s trial name the cell alone`);
  const { client } = await connect();
  return client.neighbours(await findTrial(client, id), query);
}

async function viewInFolder(run: string, trialId: string, query: NeighboursQuery): Promise<NeighboursView> {
  const folder = resultIn(run, trialId, 'neighbours');
  if (!folder)
    throw new Failure(
      'it has no neighbours: its method puts no virtual tokens next to frozen embeddings, it has not succeeded, or it was trained before they were kept',
    );
  const bytes = Readable.toWeb(createReadStream(join(folder, neighboursFile)));
  try {
    return neighboursView(await readNeighbours(bytes as ReadableStream<Uint8Array>), query);
  } catch (error) {
    if (error instanceof DamagedNeighbours) throw new Failure(`${neighboursFile}: ${error.message}`);
    throw error instanceof RangeError ? new Failure(error.message) : error;
  }
}
