import { getPath, isObject, type Raw } from './knobs.js';

/** One knob and the value that a rule asks of it. */
export interface Condition {
  path: string[]; // ["method", "rank"]
  value: unknown; // no object but {}, which any object matches
}

/** A rule's point as conditions: an object asks for each of its knobs alone, so that it matches deeply and
 *  partially. */
export function conditionsOf(point: Raw): Condition[] {
  return Object.entries(point).flatMap(([knob, value]) => spread(knob.split('.'), value));
}

function spread(path: string[], value: unknown): Condition[] {
  if (!isObject(value) || Object.keys(value).length === 0) return [{ path, value }];
  return Object.entries(value).flatMap(([key, inner]) => spread([...path, key], inner));
}

/** Whether a cell's value is what a condition asks for. Null asks for a knob that is null or absent. */
function holds(asked: unknown, value: unknown): boolean {
  if (asked === null) return value === null || value === undefined;
  if (Array.isArray(asked))
    return Array.isArray(value) && value.length === asked.length && asked.every((v, i) => holds(v, value[i]));
  if (isObject(asked))
    return isObject(value) && Object.entries(asked).every(([key, v]) => holds(v, value[key]));
  return asked === value;
}

/** A set of rules by their index. */
export class RuleSet {
  readonly words: Uint32Array;

  constructor(readonly size: number) {
    this.words = new Uint32Array(Math.ceil(size / 32));
  }

  add(rule: number): void {
    this.words[rule >> 5]! |= 1 << (rule & 31);
  }

  has(rule: number): boolean {
    return (this.words[rule >> 5]! & (1 << (rule & 31))) !== 0;
  }

  members(): number[] {
    const found: number[] = [];
    this.words.forEach((word, w) => {
      for (let rest = word; rest !== 0; rest &= rest - 1) found.push(w * 32 + 31 - Math.clz32(rest & -rest));
    });
    return found;
  }
}

const mostValues = 6; // of a knob, kept to tell what it was in the cells

/** All conditions on one knob: which rules a value of it leaves possible. */
class Knob {
  readonly met: RuleSet; // rules whose condition here some cell met
  readonly values = new Set<unknown>(); // some that cells had, undefined for a cell without the knob
  private readonly free: RuleSet; // rules that do not ask for this knob
  private readonly byValue = new Map<unknown, RuleSet>();
  private readonly byObject = new WeakMap<object, RuleSet>();
  private readonly patterns: { rule: number; value: object }[] = [];

  constructor(
    readonly path: string[],
    asked: { rule: number; value: unknown }[],
    size: number,
  ) {
    this.met = new RuleSet(size);
    this.free = new RuleSet(size);
    const asking = new Set(asked.map(({ rule }) => rule));
    for (let rule = 0; rule < size; rule++) if (!asking.has(rule)) this.free.add(rule);
    for (const { rule, value } of asked) {
      if (typeof value === 'object' && value !== null) this.patterns.push({ rule, value });
      else {
        if (!this.byValue.has(value)) this.byValue.set(value, this.copyOfFree());
        this.byValue.get(value)!.add(rule);
      }
    }
  }

  possible(seen: Raw): RuleSet {
    const value = getPath(seen, this.path) ?? null;
    if (this.values.size < mostValues) this.values.add(value);
    if (typeof value !== 'object' || value === null) return this.byValue.get(value) ?? this.free;
    const known = this.byObject.get(value);
    if (known) return known;
    const found = this.copyOfFree();
    for (const { rule, value: pattern } of this.patterns) if (holds(pattern, value)) found.add(rule);
    this.byObject.set(value, found);
    return found;
  }

  private copyOfFree(): RuleSet {
    const copy = new RuleSet(this.free.size);
    copy.words.set(this.free.words);
    return copy;
  }
}

/** Points compiled once: what a cell matches costs a look-up for each knob that they read, however many they
 *  are. */
export class Conditions {
  private readonly knobs: Knob[];

  constructor(private readonly points: readonly Raw[]) {
    const asked = new Map<string, { path: string[]; asked: { rule: number; value: unknown }[] }>();
    points.forEach((point, rule) => {
      for (const { path, value } of conditionsOf(point)) {
        const key = JSON.stringify(path);
        const knob = asked.get(key) ?? { path, asked: [] };
        asked.set(key, knob);
        knob.asked.push({ rule, value });
      }
    });
    this.knobs = [...asked.values()].map((knob) => new Knob(knob.path, knob.asked, points.length));
  }

  /** The rules that the cell matches. */
  matching(seen: Raw): RuleSet {
    const all = new RuleSet(this.points.length);
    if (this.knobs.length > 0) all.words.fill(0xffffffff);
    for (const knob of this.knobs) {
      const possible = knob.possible(seen);
      for (let w = 0; w < all.words.length; w++) {
        knob.met.words[w]! |= possible.words[w]!;
        all.words[w]! &= possible.words[w]!;
      }
    }
    return all;
  }

  /** Why a rule has matched no cell so far. */
  unmet(rule: number): { path: string[]; values: unknown[] } | null {
    const asks = new Set(conditionsOf(this.points[rule]!).map(({ path }) => JSON.stringify(path)));
    const knob = this.knobs.find(({ path, met }) => asks.has(JSON.stringify(path)) && !met.has(rule));
    return knob ? { path: knob.path, values: [...knob.values] } : null;
  }
}
