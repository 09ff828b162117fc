import { resolve } from 'node:path';
import { pageText, predictionText } from '#analysis/prediction-text.js';
import { predictionsPage } from '#analysis/predictions-page.js';
import type { PredictionsQuery, PredictionsView } from '#contracts/predictions.js';
import { connect } from '../connect.js';
import { Failure } from '../failure.js';
import { findTrial } from '../find.js';
import { cellOfRun, predictionsInFolder } from '../kept-predictions.js';
import { type Common, print, printJson } from '../output.js';
import { readRunFolder } from '../run-folder.js';
import { wrappedColumns } from '../wrapped-columns.js';

interface Options extends Common, Pick<PredictionsQuery, 'split' | 'n' | 'offset'> {
  wrong?: boolean;
}

/** `peftgrid predictions CELL|TRIAL|GRID/INDEX [--split S] [--wrong] [--n N] [--offset N]`, or RUNFOLDER
 *  [CELL]: a table of texts, of what is right and what was said. Throws Failure where a trial has none. */
export async function predictions(
  id: string,
  cell: string | undefined,
  { json, wrong = false, ...asked }: Options,
): Promise<void> {
  const page = await pageOf(id, cell, { ...asked, wrong });
  if (json) return printJson(page);
  const texts = page.predictions.map((prediction) => predictionText(page, prediction));
  const withScore = texts.some(({ score }) => score);
  const rows = texts.map(({ text, right, said, score }) => [
    text,
    right,
    said,
    ...(withScore ? [score] : []),
  ]);
  const head = ['text', 'right', 'said', ...(withScore ? ['score'] : [])];
  const width = Math.max((process.stdout.columns || 80) - 1, 40);
  if (rows.length) print(wrappedColumns(head, rows, width));
  print(`${rows.length ? '\n' : ''}${pageText(page, wrong)}`);
}

async function pageOf(
  id: string,
  cell: string | undefined,
  query: PredictionsQuery,
): Promise<PredictionsView> {
  const run = readRunFolder(id);
  if (run)
    return predictionsPage(await predictionsInFolder(resolve(id), cellOfRun(id, run, cell).trialId), query);
  if (cell !== undefined)
    throw new Failure(`there is no run’s folder ${id}; of a server’s trial name the cell alone`);
  const { client } = await connect();
  return client.predictions(await findTrial(client, id), query);
}
