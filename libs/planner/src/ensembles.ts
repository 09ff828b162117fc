import type { Draft } from './drafts.js';
import { getKnob, isObject, withKnob } from './knobs.js';
import { hashOf } from './trial-key.js';

/** Cells whose members are seeds. The axis `seed` gives the members where the cell does not, and such a cell
 *  stands once, without a seed of its own. */
export class Ensembles {
  private readonly met = new Set<string>();

  constructor(private readonly seeds: readonly unknown[] | undefined) {}

  /** Whether a draft is an ensemble that stands there already, under another seed. Else its members are
   *  filled in. */
  isRepeated(draft: Draft): boolean {
    const ensemble = getKnob(draft.raw, 'evaluate.ensemble');
    if (!isObject(ensemble)) return false;
    const { seed: _own, ...point } = draft.point;
    draft.point = point;
    const key = hashOf({ baseline: draft.baseline, point });
    if (this.met.has(key)) return true;
    this.met.add(key);
    if (ensemble['seeds'] === undefined && this.seeds)
      draft.raw = withKnob(draft.raw, 'evaluate.ensemble.seeds', this.seeds);
    return false;
  }
}
