import { toldApart } from '#analysis/told-apart.js';
import type { SolvedSize } from '#contracts/budget.js';
import type { PeftgridClient } from '#contracts/client.js';
import type { PlannedSplits, PlanView } from '#contracts/experiment.js';
import { connectIfAny } from '../connect.js';
import { planCounts } from '#db/plan-view.js';
import { duration } from '../durations.js';
import { checkData, type DataFacts, type GridFile, planOf, readGridFile, warn } from '../grid-file.js';
import { type FoundInputs, inputsHere, known, refuseAbsent } from '../inputs.js';
import { type Common, print, printJson } from '../output.js';
import { counted } from '../counted.js';

/** `peftgrid plan FILE`: checks all, data included, and prints for each grid its axes and cells, then
 *    exclude[0] method.rank 4: leaves out 2 cells
 *    task (file plain.csv): 45 train, 6 validation, 9 test
 *    42 cells, 43 trials (1 adapt, 42 tune), 12 of them done or under way; about 6 min on one slot
 *  Without a server what is done already is not known. */
export async function plan(file: string, { json }: Common): Promise<void> {
  const read = readGridFile(file);
  const data = await checkData(read);
  const found = await inputsHere(read);
  const server = await connectIfAny();
  const view = server ? await ask(server.client, read, found, data) : alone(read, found, data);
  if (json) return printJson(view);
  warn(view);
  print([...view.grids.map(gridLine), total(view)].join('\n'));
}

type AnyPlan = Omit<PlanView, 'reused'> & { reused: number | null }; // null: no server to ask
const unknown = { reused: null, estimatedSeconds: null };

async function ask(
  client: PeftgridClient,
  read: GridFile,
  found: FoundInputs,
  data: DataFacts,
): Promise<AnyPlan> {
  const inputs = await known(client, found);
  return withData(await client.plan({ ...read.request, inputs }), data);
}

function alone(read: GridFile, found: FoundInputs, data: DataFacts): AnyPlan {
  refuseAbsent(found);
  const plan = planOf({ ...read, request: { ...read.request, inputs: found.inputs } });
  return { ...planCounts(plan, { ...data, warnings: [...plan.warnings, ...data.warnings] }), ...unknown };
}

/** With what this machine's files say: the server may have none of them yet. */
function withData(view: PlanView, { splits, warnings }: DataFacts): PlanView {
  const grids = view.grids.map((grid) => ({ ...grid, splits: splits.get(grid.name) ?? grid.splits }));
  const said = new Map([...view.warnings, ...warnings].map((w) => [`${w.path} ${w.message}`, w]));
  return { ...view, grids, warnings: [...said.values()] };
}

function splitLine({ knob, task, train, validation, test }: PlannedSplits): string {
  return `  ${knob} (${task}): ${train} train, ${validation} validation, ${test} test`;
}

function ruleLine({ place, if: point, set, cells }: PlanView['grids'][number]['rules'][number]): string {
  const touched =
    set === null
      ? `leaves out ${counted(cells, 'cell')}`
      : `sets ${pointText(set)} in ${counted(cells, 'cell')}`;
  return `  ${place} ${pointText(point)}: ${touched}`;
}

const pointText = (point: object): string =>
  Object.entries(point)
    .map(([knob, value]) => `${knob} ${JSON.stringify(value)}`)
    .join(', ');

function sizeLine({ budget, backbone, method, knob, size, parameters, share }: SolvedSize): string {
  const trained = `${parameters.toLocaleString('en')} parameters, ${percent(share)} of ${backbone}`;
  return `  budget ${percent(budget)}: ${method} has ${knob} ${size}, ${trained}`;
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(4))} %`;

function gridLine({ name, cells, axes, sizes, rules, splits }: PlanView['grids'][number]): string {
  const lines = Object.entries(axes).map(([knob, values]) => {
    const apart = toldApart(values);
    const texts = values.map((v) => (typeof v === 'string' ? JSON.stringify(v) : apart(v)));
    return `  ${knob}: ${texts.join(texts.some((t) => t.includes(', ')) ? '; ' : ', ')}`;
  });
  return [
    `${name}: ${counted(cells, 'cell')}`,
    ...lines,
    ...sizes.map(sizeLine),
    ...rules.map(ruleLine),
    ...splits.map(splitLine),
  ].join('\n');
}

function total({ cells, trials, reused, stages, estimatedSeconds }: AnyPlan): string {
  const parts = Object.entries(stages).flatMap(([stage, n]) => (n ? [`${n} ${stage}`] : []));
  const time =
    estimatedSeconds === null
      ? 'nothing comparable was measured yet'
      : `about ${duration(estimatedSeconds)} on one slot`;
  if (reused === null)
    return `${counted(cells, 'cell')}, ${counted(trials, 'trial')} (${parts.join(', ')}); no server is running, so what is done already is not known`;
  return `${counted(cells, 'cell')}, ${counted(trials, 'trial')} (${parts.join(', ')}), ${reused} of them done or under way; ${time}`;
}
