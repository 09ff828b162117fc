import type { Grid } from '#contracts/grid.js';
import { Conditions } from './conditions.js';
import type { Draft } from './drafts.js';
import { isWithin, outerFirst, type Raw, sameValue, shown, takenBy, withKnob } from './knobs.js';
import { leftOut } from './lost-values.js';
import type { SeenCells } from './seen-cell.js';

/** A grid's `when`, applied rule after rule: each sees the cell with every default and with what the rules
 *  before it set. */
export class WhenRules {
  readonly conditions: Conditions;
  readonly touched: number[];
  private readonly rereads: boolean[]; // whether a later rule may see what this one sets

  constructor(
    private readonly grid: Grid,
    private readonly seenCells: SeenCells,
    private readonly note: (path: string, message: string) => void,
  ) {
    const { when } = grid;
    this.conditions = new Conditions(when.map((rule) => rule.if));
    this.touched = when.map(() => 0);
    const readLater = new Set<string>();
    this.rereads = when
      .toReversed()
      .map((rule) => {
        const seen =
          Object.keys(rule.set).some(changesStage) ||
          partsOf(rule.set).some((part) => readLater.has(part)) ||
          follows(readLater);
        for (const part of partsOf(rule.if)) readLater.add(part);
        return seen;
      })
      .toReversed();
  }

  /** Changes the draft as the rules say; gives the cell as it then is. */
  apply(draft: Draft): Raw {
    const { when, exclude } = this.grid;
    if (when.length + exclude.length === 0) return draft.raw; // nobody looks
    let seen = this.seenCells.of(draft.raw);
    let matching = this.conditions.matching(seen);
    for (let rule = 0; rule < when.length; rule++) {
      if (!matching.has(rule)) continue;
      this.touched[rule]!++;
      draft.when.push(rule);
      this.set(draft, rule);
      if (!this.rereads[rule]) continue;
      seen = this.seenCells.of(draft.raw);
      matching = this.conditions.matching(seen);
    }
    return draft.when.length > 0 ? this.seenCells.of(draft.raw) : seen;
  }

  private set(draft: Draft, rule: number): void {
    const { set } = this.grid.when[rule]!;
    for (const knob of outerFirst(Object.keys(set))) {
      this.refuseTaken(draft, rule, knob);
      draft.lost.push(...leftOut(draft.raw, knob, set[knob]));
      draft.raw = withKnob(draft.raw, knob, set[knob]);
    }
  }

  /** A rule takes nothing from what an axis or a baseline gives. */
  private refuseTaken({ point, baseline }: Draft, rule: number, knob: string): void {
    const value = this.grid.when[rule]!.set[knob];
    for (const [given, its] of Object.entries(point)) {
      const overlap = knob === given || isWithin(knob, given);
      const taken = isWithin(given, knob) ? its : overlap ? takenBy(knob, given, its) : undefined;
      if (taken === undefined || sameValue(taken, value)) continue;
      const owner = baseline === null ? `the axis ${given}` : `${given} of baselines[${baseline}]`;
      const message = `would replace ${shown(taken)} of ${owner}; a rule may only set other knobs`;
      this.note(`when[${rule}].set.${knob}`, message);
    }
  }
}

const partsOf = (point: Raw): string[] => Object.keys(point).map((knob) => knob.split('.')[0]!);

const changesStage = (knob: string): boolean =>
  /^(stage|evaluate|method|method\.name|evaluate\..*)$/.test(knob);

/** Parts that take what they lack from other parts. */
const follows = (parts: ReadonlySet<string>): boolean =>
  ['from', 'checkpoints', 'evaluate'].some((part) => parts.has(part));
