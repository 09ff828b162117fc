/** Texts written in compiled steps. One step reads the texts, another takes a token for each beam of each;
 *  both are traced once for shapes (rows, beams, length of the text, room in the cache) and replayed. The
 *  cache has room for 32 tokens at first and then for twice as many, as often as it is full. Rows that have
 *  ended are carried along until all have. On a CPU, texts are read in lanes of rows; many rows are continued
 *  in lanes as well, each with a cache of its own, and few are not: each lane would read all weights for
 *  them. */
import * as tf from '@tensorflow/tfjs';
import type { Precision } from '#contracts/precision.js';
import { inParts } from '#engine/ops/linear.js';
import { inLanes, laneCount } from '#engine/step/lanes.js';
import { Step, type StepArguments, type StepResult, type Tensors } from '#engine/step/step.js';
import type { Adaptation } from '../adaptation.js';
import type { TokenBatch, Weights } from '../batch.js';
import { beamSearch } from './beams.js';
import { oneByOne } from './one-by-one.js';
import type { GenerateOptions } from './options.js';
import { type Pick, picked, without } from './picks.js';
import { type GivenTexts, type WriterSteps, WrittenTexts } from './written-texts.js';
import { cacheOf, named, slotsOf, type Writing } from './writing.js';

/** What writes, made inside a step of the step's own arguments; `part`: what there is of a lane's batch. */
export type Bind = (args: StepArguments, part: Tensors) => { weights: Weights; adaptation?: Adaptation };

export interface WriterOptions {
  members?: number; // rows are so many trials' in turn, as in a gang
  precision?: Precision; // of the steps' products; absent: float32
}

export class Writer {
  private readonly steps = new Map<string, WriterSteps>(); // by what they pick
  private readonly members: number;

  constructor(
    private readonly name: string,
    private readonly writing: Writing,
    private readonly bind: Bind,
    private readonly options: WriterOptions = {},
  ) {
    this.members = options.members ?? 1;
  }

  /** Ids of what is written for each row, without start, prompt and end: its beams' texts, the best first, or
   *  one text where there are no beams. The batch holds ids and mask [N, T], padded on either
   *  side, and what `bind` reads; everything given stays the caller's. Throws TooFewPositions where a text
   *  needs more than the model has. */
  write(given: GivenTexts, options: GenerateOptions): number[][][] {
    check(options);
    const pick = pickOf(options, this.writing);
    const texts = new WrittenTexts(this.writing, this.stepsFor(pick), given, options);
    try {
      return options.beams === 1
        ? oneByOne(texts, options, this.writing).map((text) => [text])
        : beamSearch(texts, options, this.writing);
    } finally {
      texts.dispose();
    }
  }

  get signatures(): number {
    return this.all.reduce((sum, step) => sum + step.signatures, 0);
  }

  get compileSeconds(): number {
    return this.all.reduce((sum, step) => sum + step.compileSeconds, 0);
  }

  /** Frees the compiled steps. */
  dispose(): void {
    for (const step of this.all) step.dispose();
  }

  private get all(): Step[] {
    return [...this.steps.values()].flatMap(({ begin, next }) => [begin, next]);
  }

  private stepsFor(pick: Pick): WriterSteps {
    const key = JSON.stringify(pick);
    const known = this.steps.get(key);
    if (known) return known;
    const { precision = 'float32' } = this.options;
    const made = {
      begin: new Step(`begin ${this.name}`, (args) => this.begun(args, pick), { xla: false, precision }),
      next: new Step(`write ${this.name}`, (args) => this.continued(args, pick), { xla: false, precision }),
    };
    this.steps.set(key, made);
    return made;
  }

  private begun(args: StepArguments, pick: Pick): StepResult {
    const caches: Tensors[] = [];
    const begun = this.inLanes(args.batch, pick, (part) => {
      const { weights, adaptation } = this.bind(args, part);
      const { logits, cache } = this.writing.begin(weights, part as unknown as TokenBatch, adaptation);
      caches.push(named(cache));
      return logits;
    });
    const inOne = args.batch['ids']!.shape[0]! * beamsOf(pick, this.writing) < worthLanes;
    const kept = inOne && caches.length > 1 ? [this.joined(args.batch, caches)] : caches;
    return {
      ...begun,
      state: Object.assign({}, ...kept.map((cache, lane) => underLane(lane, cache))) as Tensors,
    };
  }

  /** Tensors of all lanes of the batch, by name. */
  private joined(batch: Tensors, lanes: readonly Tensors[]): Tensors {
    const join = (name: string): tf.Tensor => {
      let lane = 0;
      return inLanes(batch, this.members, () => lanes[lane++]![name]!, lanes.length);
    };
    return Object.fromEntries(Object.keys(lanes[0]!).map((name) => [name, join(name)]));
  }

  private continued(args: StepArguments, pick: Pick): StepResult {
    const own = { ...args, state: withoutCache(args.state) };
    const lanes = Object.keys(args.state).filter((name) => /^@\d+ mask$/.test(name)).length;
    const state: Tensors = {};
    let lane = 0;
    const compute = (part: Tensors): tf.Tensor2D => {
      const { weights, adaptation } = this.bind(own, part);
      const cache = cacheOf(ofLane(lane, args.state));
      const slots = slotsOf(cache, part['seen'] as tf.Tensor3D, args.scalars['step'] as tf.Scalar);
      const { logits, layers } = this.writing.next(
        weights,
        part['ids'] as tf.Tensor2D,
        { cache, slots },
        adaptation,
      );
      const { mask: _stays, ...changed } = named({ layers, mask: cache.mask });
      Object.assign(state, underLane(lane++, changed));
      return tf.reshape(logits, [-1, logits.shape[2]]) as tf.Tensor2D;
    };
    const written = inParts(lanes === 1 ? laneCount() : 1, () =>
      this.inLanes(args.batch, pick, compute, lanes),
    );
    return { ...written, state };
  }

  private inLanes(
    batch: Tensors,
    pick: Pick,
    compute: (part: Tensors) => tf.Tensor2D,
    most = laneCount(),
  ): { outputs: Tensors } {
    const all: Tensors[] = [];
    const pickOfLane = (part: Tensors): tf.Tensor => {
      const logits = compute(part);
      const banned = part['banned'] && (tf.reshape(part['banned'], [logits.shape[0], -1]) as tf.Tensor2D);
      all.push({ logits: pick.kind === 'best' && pick.logits ? without(logits, banned) : logits });
      return picked(logits, banned, pick);
    };
    const picks = inLanes(batch, this.members, pickOfLane, most);
    if (pick.kind === 'likeliest' || !pick.logits) return { outputs: { picks } };
    return { outputs: { picks, ...this.joined(batch, all) } };
  }
}

const mark = '@'; // no parameter's name begins so
const underLane = (lane: number, cache: Tensors): Tensors =>
  Object.fromEntries(Object.entries(cache).map(([name, t]) => [`${mark}${lane} ${name}`, t]));

function ofLane(lane: number, state: Tensors): Tensors {
  const head = `${mark}${lane} `;
  return Object.fromEntries(
    Object.entries(state).flatMap(([name, t]) =>
      name.startsWith(head) ? [[name.slice(head.length), t]] : [],
    ),
  );
}

const withoutCache = (state: Tensors): Tensors =>
  Object.fromEntries(Object.entries(state).filter(([name]) => !name.startsWith(mark)));

/** Rows (texts x beams) from which on lanes are quicker than products in parts. */
const worthLanes = 64;

/** As many as `pickOf` picked for. */
const beamsOf = (pick: Pick, { endIds }: Writing): number =>
  pick.kind === 'best' && !pick.logits ? pick.count / (1 + endIds.length) : 1;

const spare = 8; // tokens beyond topK, in case several are as likely as the last

function pickOf({ beams, sampling }: GenerateOptions, { endIds }: Writing): Pick {
  if (beams > 1) return { kind: 'best', count: (1 + endIds.length) * beams, logits: false };
  if (!sampling) return { kind: 'likeliest' };
  return { kind: 'best', count: sampling.topK > 0 ? sampling.topK + spare : 1, logits: true };
}

function check({ beams, maxTokens, sampling }: GenerateOptions): void {
  if (sampling && beams !== 1) throw new RangeError(`sampling needs beams 1, and beams is ${beams}`);
  for (const [name, value] of Object.entries({ beams, maxTokens }))
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`${name} is ${value}, expected a whole number from 1`);
}
