import { valueText } from '#analysis/axis-values.js';
import type { PlanView } from '#contracts/experiment.js';
import { connect } from '../connect.js';
import { duration } from '../durations.js';
import { checkData, dataElsewhere, readGridFile } from '../grid-file.js';
import { type Common, print, printJson } from '../output.js';
import { counted } from '../counted.js';

/** `peftgrid plan FILE`: prints for each grid its axes and cells, then
 *    42 cells, 43 trials (1 adapt, 42 tune), 12 of them done or under way; about 6 min on one slot */
export async function plan(file: string, { json }: Common): Promise<void> {
  const { request, plan } = readGridFile(file);
  await checkData(request, plan, { elsewhere: dataElsewhere() });
  const { client } = await connect();
  const view = await client.plan(request);
  if (json) return printJson(view);
  print([...view.grids.map(gridLine), total(view)].join('\n'));
}

function gridLine({ name, cells, axes }: PlanView['grids'][number]): string {
  const lines = Object.entries(axes).map(([knob, values]) => {
    const texts = values.map((v) => (typeof v === 'string' ? JSON.stringify(v) : valueText(v)));
    return `  ${knob}: ${texts.join(texts.some((t) => t.includes(', ')) ? '; ' : ', ')}`;
  });
  return [`${name}: ${counted(cells, 'cell')}`, ...lines].join('\n');
}

function total({ cells, trials, reused, stages, estimatedSeconds }: PlanView): string {
  const parts = Object.entries(stages).flatMap(([stage, n]) => (n ? [`${n} ${stage}`] : []));
  const time =
    estimatedSeconds === null ? 'nothing comparable was measured yet' : `about ${duration(estimatedSeconds)} on one slot`;
  return `${counted(cells, 'cell')}, ${counted(trials, 'trial')} (${parts.join(', ')}), ${reused} of them done or under way; ${time}`;
}
