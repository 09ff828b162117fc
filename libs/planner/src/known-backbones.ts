import { families } from '#contracts/family.js';
import type { Method } from '#contracts/method.js';
import type { TuneConfig } from '#contracts/trial.js';
import { uncarried } from '#contracts/uncarried.js';
import { type Answerer, unanswerable } from '#contracts/unanswerable.js';
import { virtualTokens } from '#contracts/virtual-tokens.js';
import type { GridIssue } from './grid-error.js';
import { type Depth, unreached } from './unreached.js';

/** What the planner knows of named backbones without loading them: enough to refuse an impossible cell when
 *  it is submitted. */
interface BackboneFacts extends Depth {
  width: number; // of embeddings
  positions: number | null; // learned positions; null: none needed
  masks?: boolean; // whether the weights have a masked-language-model head; absent: the family has none
}

export const knownBackbones: Readonly<Record<string, BackboneFacts>> = {
  'minilm-l3': { family: 'bert', layers: 3, width: 384, positions: 512, masks: false },
  'minilm-l6': { family: 'bert', layers: 6, width: 384, positions: 512, masks: false },
  'mpnet-base': { family: 'mpnet', layers: 12, width: 768, positions: 512, masks: false },
  'smollm2-135m': { family: 'llama', layers: 30, width: 576, positions: 8192 },
  't5-nano': { family: 't5', layers: 4, width: 192, positions: null },
  't5-micro': { family: 't5', layers: 4, width: 256, positions: null },
};

/** What a named backbone is to a task; null where it has no name, or none that is known. */
export function knownModel({ name }: Pick<TuneConfig['backbone'], 'name'>): Answerer | null {
  if (name === undefined || !Object.hasOwn(knownBackbones, name)) return null;
  const { family, masks } = knownBackbones[name]!;
  return { kind: families[family].kind, name, family, masks };
}

/** What of a cell no model could carry, by knob; `method` is absent where the backbone is untouched. */
export function impossible(config: Pick<TuneConfig, 'backbone' | 'task'> & { method?: Method }): GridIssue[] {
  const { name } = config.backbone;
  if (name === undefined) return unanswerable(config, null); // a folder's config is read where it is trained
  const facts = Object.hasOwn(knownBackbones, name) ? knownBackbones[name] : undefined;
  if (!facts) {
    const known = Object.keys(knownBackbones).join(', ');
    return [
      {
        path: 'backbone.name',
        message: `"${name}" is no backbone; known are ${known}, or give backbone.folder`,
      },
    ];
  }
  const issues: GridIssue[] = [];
  const { positions, family, masks } = facts;
  const { method } = config;
  const refused = method && uncarried(method, family, name);
  issues.push(
    ...(refused ? [refused] : []),
    ...(method ? unreached(method, facts, name) : []),
    ...unanswerable(config, knownModel({ name })),
  );
  if (masks === false && method?.name === 'p-tuning' && method.template?.includes('{mask}')) {
    const message = `has {mask}, and ${name} has no masked-language-model head to answer there; leave {mask} out`;
    issues.push({ path: 'method.template', message });
  }
  const virtual = method ? virtualTokens(method) : 0;
  if (positions !== null && virtual + config.task.maxLength > positions) {
    const path = virtual > 0 ? 'method.length' : 'task.maxLength';
    const needed = `${virtual} virtual tokens and task.maxLength ${config.task.maxLength} need ${virtual + config.task.maxLength} positions`;
    issues.push({ path, message: `${needed}, and ${name} has ${positions}` });
  }
  if (families[family].kind === 'encoder' && config.backbone.adapt && config.backbone.adapt.steps > 0) {
    issues.push({
      path: 'backbone.adapt',
      message: `LM adaptation needs a backbone that writes text, and ${name} is a ${family}`,
    });
  }
  return issues;
}
