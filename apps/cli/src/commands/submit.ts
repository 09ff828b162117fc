import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { visibleLine } from '#analysis/visible-text.js';
import { ApiError, type PeftgridClient } from '#contracts/client.js';
import type { ExperimentView } from '#contracts/experiment.js';
import type { CreateExperiment } from '#contracts/grid.js';
import { checkExperiment } from '#planner/check-experiment.js';
import { checkData, planOf, readGridFile, warn } from '../grid-file.js';
import { connectWith, inputsHere, sent } from '../inputs.js';
import { Failure } from '../failure.js';
import { type Common, print, printJson, say } from '../output.js';
import { follow } from './watch.js';
import { counted } from '../counted.js';

const mostTries = 3; // where nothing answers
const mostTriesAway = 11; // where the server answers that it cannot now: 27 s

interface Options extends Common {
  watch?: boolean;
  name?: string;
  priority?: number;
  requires?: string;
}

/** `peftgrid submit FILE [--watch]`: prints "NAME 1f3a09c2: 42 cells, 12 reused" with how to follow it;
 *  --json the experiment. */
export async function submit(file: string, options: Options): Promise<void> {
  const read = requiring(readGridFile(file, options.name), options.requires);
  warn(await checkData(read));
  const found = await inputsHere(read);
  warn(planOf({ ...read, request: { ...read.request, inputs: found.inputs } }));
  const { client, url } = await connectWith(found);
  const request = await sent(client, read.request, found);
  const { name = request.name, priority = request.priority } = options;
  const view = await submitOnce(client, {
    ...request,
    name,
    priority,
    idempotencyKey: request.idempotencyKey ?? randomUUID(),
  });
  const id = view.id.slice(0, 8);
  const line = `${visibleLine(view.name)} ${id}: ${counted(view.cells, 'cell')}, ${view.reused} of them done or under way already`;
  if (options.watch) {
    say(line);
    return follow({ client, url }, view.id, options);
  }
  if (options.json) return printJson(view);
  print(line);
  say(`follow it with ./peftgrid watch ${id}, or at ${url}`);
}

/** Every grid of the file requires these labels, beside those of its own. */
function requiring<F extends { request: CreateExperiment }>(file: F, labels: string | undefined): F {
  if (labels === undefined) return file;
  const more = labels.split(',').map((label) => label.trim()).filter(Boolean); // prettier-ignore
  if (more.length === 0) throw new Failure(`--requires is "${labels}"; expected labels as in a100,lab-3`);
  const grids = file.request.grids.map((grid) => ({
    ...grid,
    requires: [...(grid.requires ?? []), ...more],
  }));
  return { ...file, request: checkExperiment({ ...file.request, grids }) };
}

/** The key makes a repeated request the same one: where an answer was lost on its way, or the server's
 *  database is away for a while, nothing is submitted twice. */
async function submitOnce(client: PeftgridClient, request: CreateExperiment): Promise<ExperimentView> {
  for (let tries = 1; ; tries++) {
    try {
      return await client.submit(request);
    } catch (error) {
      const away = error instanceof ApiError && error.status === 503;
      if (away ? tries === mostTriesAway : error instanceof ApiError || tries === mostTries) throw error;
      if (away && tries === 1) say(`${error.message}; it is asked again for half a minute`);
      await sleep(tries * 500);
    }
  }
}
