import { valueText } from '#analysis/axis-values.js';
import type { PlannedSplits, PlanView } from '#contracts/experiment.js';
import { connectIfAny } from '../connect.js';
import { planCounts } from '#db/plan-view.js';
import { duration } from '../durations.js';
import { checkData, dataElsewhere, type DataFacts, readGridFile, warn } from '../grid-file.js';
import { type Common, print, printJson } from '../output.js';
import { counted } from '../counted.js';

/** `peftgrid plan FILE`: checks all, data included, and prints for each grid its axes and cells, then
 *    exclude[0] method.rank 4: leaves out 2 cells
 *    task (file plain.csv): 45 train, 6 validation, 9 test
 *    42 cells, 43 trials (1 adapt, 42 tune), 12 of them done or under way; about 6 min on one slot
 *  Without a server what is done already is not known. */
export async function plan(file: string, { json }: Common): Promise<void> {
  const { request, plan } = readGridFile(file);
  const data = await checkData(request, plan, { elsewhere: dataElsewhere() });
  const server = await connectIfAny();
  const view = server ? withData(await server.client.plan(request), data) : { ...planCounts(plan, data), ...unknown };
  if (json) return printJson(view);
  warn(view);
  print([...view.grids.map(gridLine), total(view)].join('\n'));
}

type AnyPlan = Omit<PlanView, 'reused'> & { reused: number | null }; // null: no server to ask
const unknown = { reused: null, estimatedSeconds: null };

/** What this machine's files say, in place of what the server can't say of them. */
function withData(view: PlanView, { splits, warnings }: DataFacts): PlanView {
  const grids = view.grids.map((grid) => ({ ...grid, splits: splits.get(grid.name) ?? grid.splits }));
  return { ...view, grids, warnings: warnings.length ? warnings : view.warnings };
}

function splitLine({ knob, task, train, validation, test }: PlannedSplits): string {
  return `  ${knob} (${task}): ${train} train, ${validation} validation, ${test} test`;
}

function ruleLine({ place, if: point, set, cells }: PlanView['grids'][number]['rules'][number]): string {
  const touched = set === null ? `leaves out ${counted(cells, 'cell')}` : `sets ${pointText(set)} in ${counted(cells, 'cell')}`;
  return `  ${place} ${pointText(point)}: ${touched}`;
}

const pointText = (point: object): string => Object.entries(point).map(([knob, value]) => `${knob} ${JSON.stringify(value)}`).join(', '); // prettier-ignore

function gridLine({ name, cells, axes, rules, splits }: PlanView['grids'][number]): string {
  const lines = Object.entries(axes).map(([knob, values]) => {
    const texts = values.map((v) => (typeof v === 'string' ? JSON.stringify(v) : valueText(v)));
    return `  ${knob}: ${texts.join(texts.some((t) => t.includes(', ')) ? '; ' : ', ')}`;
  });
  return [`${name}: ${counted(cells, 'cell')}`, ...lines, ...rules.map(ruleLine), ...splits.map(splitLine)].join('\n');
}

function total({ cells, trials, reused, stages, estimatedSeconds }: AnyPlan): string {
  const parts = Object.entries(stages).flatMap(([stage, n]) => (n ? [`${n} ${stage}`] : []));
  const time =
    estimatedSeconds === null ? 'nothing comparable was measured yet' : `about ${duration(estimatedSeconds)} on one slot`;
  if (reused === null)
    return `${counted(cells, 'cell')}, ${counted(trials, 'trial')} (${parts.join(', ')}); no server is running, so what is done already is not known`;
  return `${counted(cells, 'cell')}, ${counted(trials, 'trial')} (${parts.join(', ')}), ${reused} of them done or under way; ${time}`;
}
