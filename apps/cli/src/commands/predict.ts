import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { peftgridHome } from '#engine/install/library.js';
import { startEngine } from '#engine/native/start.js';
import { predict as predictions } from '#training/predict/predict.js';
import { askedTexts } from '../asked-texts.js';
import { Failure } from '../failure.js';
import { type Common, printJson } from '../output.js';
import { prepareEngine } from '../prepare-engine.js';
import { type Answering, isAdapterFolder, withAdapterFolder } from '../predict/adapter-folder.js';
import { withRunCell, withServerTrial } from '../predict/trained-cell.js';
import { readRunFolder } from '../run-folder.js';

export interface PredictOptions extends Common {
  text?: string[];
  file?: string;
  backbone?: string;
  labels?: string;
  maxLength?: number;
  maxTokens?: number;
}

/** `peftgrid predict CELL|TRIAL|GRID/INDEX|FOLDER [CELL] --text T… | --file F`: what the trained model, or a
 *  backbone with an adapter's folder, says of each text, a JSON value a line. Throws Failure that names what
 *  the adapter or a text lacks. */
export async function predict(id: string, cell: string | undefined, options: PredictOptions): Promise<void> {
  const texts = askedTexts(options);
  const place = placeOf(id, cell);
  refuseOptions(place, options);
  const home = peftgridHome();
  await prepareEngine(home);
  await startEngine({ home });
  const answer = async ({ model, ...answering }: Answering): Promise<void> => {
    for await (const said of predictions(model, answering, texts)) printJson(said);
  };
  if (place === 'adapter') return withAdapterFolder(resolve(id), { ...options, home }, answer);
  if (place === 'server') return withServerTrial(id, answer);
  return withRunCell(resolve(id), { run: place, cell, home }, answer);
}

type Place = 'adapter' | 'server' | NonNullable<ReturnType<typeof readRunFolder>>;

function placeOf(id: string, cell: string | undefined): Place {
  if (isAdapterFolder(id)) {
    if (cell === undefined) return 'adapter';
    throw new Failure(`"${cell}" is given, and ${id} is an adapter’s folder, which has no cells`);
  }
  const run = readRunFolder(id);
  if (run) return run;
  if (cell !== undefined)
    throw new Failure(`there is no run’s folder ${id}; of a server’s trial name the cell alone`);
  if (existsSync(id) && statSync(id).isDirectory())
    throw new Failure(`${id} has neither adapter_config.json nor method_config.json`);
  return 'server';
}

/** What a trial's own config says is no option. */
function refuseOptions(place: Place, options: PredictOptions): void {
  if (place === 'adapter') return;
  const { backbone, labels, maxLength, maxTokens } = options;
  const own = { backbone, labels, 'max-length': maxLength, 'max-tokens': maxTokens };
  const given = Object.entries(own).find(([, v]) => v !== undefined);
  if (given) throw new Failure(`--${given[0]} is for an adapter's folder; a cell's config says it`);
}
