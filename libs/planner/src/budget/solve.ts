import type { SolvedSize } from '#contracts/budget.js';
import type { Method } from '#contracts/method.js';
import type { EvaluateConfig, TuneConfig } from '#contracts/trial.js';
import type { GridIssue } from '../grid-error.js';
import { getKnob, type Raw } from '../knobs.js';
import { shapeOf, type BackboneShape } from './backbone-sizes.js';
import { sized } from './counts.js';

interface AnySized {
  knob: string;
  most(method: Method, on: BackboneShape): number;
  count(method: Method, on: BackboneShape): number;
}

/** The config with the largest size of its method that trains no more than `budget` of the backbone's
 *  parameters, or why there is none. `raw`: the cell as it was given. */
export function solved<C extends TuneConfig | EvaluateConfig>(
  config: C,
  budget: number,
  raw: Raw,
): { config: C; size: SolvedSize } | { issues: GridIssue[] } {
  const refused = (message: string) => ({
    issues: [{ path: 'budget', message: `${budget}, and ${message}` }],
  });
  const { method, backbone } = config;
  const way: AnySized | string =
    method.name === 'none' ? 'trains nothing' : (sized[method.name] as AnySized | string);
  if (typeof way === 'string') return refused(`method ${method.name} ${way}; expected ${known}`);
  const { knob } = way;
  if (getKnob(raw, `method.${knob}`) !== undefined)
    return refused(`method.${knob} is given too; expected one of them`);
  const on = shapeOf(backbone.name);
  if (!on)
    return refused(`the shape of this backbone is read where it is trained; give method.${knob} itself`);
  const countAt = (size: number) => way.count({ ...method, [knob]: size } as Method, on);
  const most = way.most(method as Method, on);
  const allowed = budget * on.parameters;
  const [least, each] = [countAt(1), countAt(2) - countAt(1)];
  const of = `of ${on.name}'s ${on.parameters.toLocaleString('en')}`;
  if (least > allowed) {
    const mlp =
      'hidden' in method && method.hidden !== null ? ', most of them of an MLP of width method.hidden' : '';
    return refused(
      `method ${method.name} trains ${least.toLocaleString('en')} parameters ${of} at its smallest, a share of ${share(least / on.parameters)}${mlp}`,
    );
  }
  const size = 1 + Math.floor((allowed - least) / each);
  if (size > most)
    return refused(
      `method ${method.name} trains ${countAt(most).toLocaleString('en')} parameters ${of} at its largest, method.${knob} ${most}, a share of ${share(countAt(most) / on.parameters)}`,
    );
  const parameters = countAt(size);
  return {
    config: { ...config, method: { ...method, [knob]: size } as Method },
    size: {
      budget,
      backbone: on.name,
      method: method.name,
      knob: `method.${knob}`,
      size,
      parameters,
      share: parameters / on.parameters,
    },
  };
}

const known = Object.entries(sized)
  .flatMap(([name, way]) => (typeof way === 'string' ? [] : [name]))
  .join(', ');

const share = (value: number): string => String(Number(value.toPrecision(3)));
