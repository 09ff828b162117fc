import * as tf from '@tensorflow/tfjs';
import type { TuneConfig } from '#contracts/trial.js';
import { optimizerRule } from '#engine/optimizers/optimizer.js';
import { learningRateAt } from '#engine/optimizers/schedule.js';
import type { StepArguments, Tensors } from '#engine/step/step.js';
import type { FrozenPart } from '#methods/members/frozen-part.js';
import { type Stacking, stackingOf } from '#methods/members/stacking.js';
import type { MethodImplementation, Parameters } from '#methods/method.js';
import type { Method } from '#contracts/method.js';
import type { Model } from '#models/model.js';
import type { Answering } from '../answers/answering.js';
import { writtenTexts } from '../answers/writing.js';
import { methodFor } from '../tune/method-for.js';
import { begunWith } from '../tune/starting-from.js';
import { mapped, optimizerSuffixes, parametersOf, type TuneSteps, tuneSteps } from './steps.js';

/** Trials that train in one step: the same backbone, task and kind of method, stacked on a leading member
 *  axis. It holds what the step changes (parameters, optimizer state) and what it needs beside it; the
 *  compiled steps are shared with other gangs of its kind. Rows of a batch are member-major. */
export class Gang {
  readonly constants: Tensors;
  /** What of the network need not be computed at every step, of each member; empty where nothing is frozen,
   *  or where tokens behind a text look at what is (a decoder's longer label words). */
  readonly frozenBelow: readonly FrozenPart[];
  state: Tensors;
  private readonly method: MethodImplementation<Method>;
  private readonly stacking: Stacking;
  private readonly frozen: Tensors;
  private readonly ownsFrozen: boolean;
  private readonly steps: TuneSteps;
  private readonly compiledBefore: number;

  constructor(
    readonly model: Model,
    readonly configs: readonly TuneConfig[],
    readonly answers: Answering,
    // what members begin with in place of their initialisation; taken over
    starts: readonly (Parameters | undefined)[] = [],
  ) {
    const [first] = configs as [TuneConfig];
    this.method = methodFor(first.method, answers);
    for (const { method } of configs) this.method.check(method, model);
    const { room } = this;
    const { labels } = answers;
    this.stacking = stackingOf(
      this.method,
      configs.map((c) => c.method),
      { model, labels, room },
    );
    const own = configs.map((c, m) =>
      begunWith(this.method.init(c.method, model, labels, c.seed), starts[m]),
    );
    const parameters = this.stacking.stack(own);
    tf.dispose(own);
    this.constants = { ...this.stacking.constants(), ...answers.constants() };
    this.state = {
      ...parameters,
      ...optimizerRule(first.training.optimizer).init(parameters),
      ...this.method.extraState?.(parameters),
    };
    this.ownsFrozen = this.method.freeze !== undefined;
    this.frozen = this.method.freeze?.(first.method, model) ?? (model.weights as Tensors);
    this.steps = tuneSteps(model, first, configs.length, answers);
    this.compiledBefore = this.compiled;
    this.frozenBelow = this.layersBelow();
  }

  get members(): number {
    return this.configs.length;
  }

  /** Seconds that this gang has spent on compiling. */
  get compileSeconds(): number {
    return this.compiled - this.compiledBefore;
  }

  /** One optimizer step, counted from 1, on the rows of all members; takes over `batch`. Losses, one a
   *  member. */
  train(batch: Tensors, step: number): Float32Array {
    const scalars = this.scalars(step);
    const outputs = this.steps.train.advance(this.arguments({ batch, scalars, state: this.state }));
    tf.dispose([batch, scalars]);
    const losses = outputs['loss']!.dataSync() as Float32Array;
    tf.dispose(outputs);
    return losses;
  }

  /** Whether nothing is trained but a head on what does not change. */
  get headAlone(): boolean {
    return (this.method.headAlone ?? false) && !this.drops;
  }

  /** The answers' outputs for a batch that holds the same rows once for every member; takes over `batch`. */
  score(batch: Tensors): { rows: number; scores: Float32Array } {
    const { outputs } = this.steps.score.run(
      this.arguments({ batch, scalars: {}, state: parametersOf(this.state) }),
    );
    const scores = outputs['scores']!;
    const values = { rows: Object.values(batch)[0]!.shape[0]!, scores: scores.dataSync() as Float32Array };
    tf.dispose([scores, ...Object.values(batch)]);
    return values;
  }

  /** The texts that each row's model writes, the best first; rows and ownership as for `score`. */
  write(batch: Tensors, streams: readonly string[]): string[][] {
    const { writer } = this.steps;
    const { writing } = this.answers;
    if (!writer || !writing) throw new Error('nothing is written where answers are read off scores');
    const { ids, mask, states } = batch as { ids: tf.Tensor; mask: tf.Tensor; states?: tf.Tensor };
    const { frozen, constants } = this;
    const given = {
      frozen,
      constants,
      state: parametersOf(this.state),
      batch: { ids, mask, ...(states && { states }) },
    };
    const texts = writtenTexts(this.model, writer, given, { ...writing, streams });
    tf.dispose(batch);
    return texts;
  }

  /** Whether what frozen layers make of a text is another at every step. */
  private get drops(): boolean {
    return this.configs[0]!.training.dropout > 0;
  }

  private layersBelow(): FrozenPart[] {
    const { positionsBehind, textAlone } = this.answers;
    const below = this.configs.flatMap((c) => this.method.frozenBelow?.(c.method, this.model) ?? []);
    if (below.length === 0 || below[0]!.layer === 0 || this.drops) return [];
    return textAlone && (positionsBehind === 0 || this.model.kind !== 'decoder') ? below : [];
  }

  /** One member's parameters, unpadded. The caller owns them. */
  parametersOf(member: number): Parameters {
    return this.stacking.unstack(parametersOf(this.state), member);
  }

  /** Goes on with these parameters, one set a member, which stay the caller's; the optimizers start anew. */
  adopt(parameters: readonly Parameters[]): void {
    const stacked = this.stacking.stack(parameters);
    tf.dispose(this.state);
    this.state = {
      ...stacked,
      ...optimizerRule(this.configs[0]!.training.optimizer).init(stacked),
      ...this.method.extraState?.(stacked),
    };
  }

  /** Everything that the step changes of one member, unpadded where its method pads. The caller owns it. */
  memberState(member: number): Tensors {
    const own = this.stateGroups().map(({ suffix, tensors, shaped }) =>
      renamed(
        shaped ? this.stacking.unstack(tensors, member) : mapped(tensors, (t) => row(t, member)),
        (n) => n + suffix,
      ),
    );
    return Object.assign({}, ...own) as Tensors;
  }

  /** What memberState gave, of every member. Throws where a state is another's. */
  restore(states: readonly Tensors[]): void {
    const restored = this.stateGroups().map(({ suffix, tensors, shaped }) => {
      const own = states.map((state) => mapped(tensors, (_, name) => required(state, name + suffix)));
      if (!shaped)
        return renamed(
          mapped(tensors, (_, name) => tf.stack(own.map((o) => o[name]!))),
          (n) => n + suffix,
        );
      return renamed(this.stacking.stack(own), (n) => n + suffix);
    });
    tf.dispose(this.state);
    this.state = Object.assign({}, ...restored) as Tensors;
  }

  dispose(): void {
    tf.dispose([this.state, this.constants]);
    if (this.ownsFrozen) tf.dispose(this.frozen);
  }

  /** The parameters, and what the optimizer keeps of them by kind; `shaped` like the parameters, so that the
   *  method can unpad it. */
  private stateGroups(): { suffix: string; tensors: Tensors; shaped: boolean }[] {
    const parameters = parametersOf(this.state);
    const names = Object.keys(parameters);
    return ['', ...optimizerSuffixes].flatMap((suffix) => {
      const held = names.filter((n) => Object.hasOwn(this.state, n + suffix));
      if (held.length === 0) return [];
      const tensors = Object.fromEntries(held.map((n) => [n, this.state[n + suffix]!]));
      const shaped =
        held.length === names.length &&
        names.every((n) => `${tensors[n]!.shape}` === `${parameters[n]!.shape}`);
      return [{ suffix, tensors, shaped }];
    });
  }

  /** Virtual tokens that fit beside the longest text and what is written after it; Infinity without learned
   *  positions. */
  private get room(): number {
    const { maxPositions } = this.model;
    return maxPositions === null
      ? Infinity
      : maxPositions - this.configs[0]!.task.maxLength - this.answers.room;
  }

  private get compiled(): number {
    const { train, score, writer } = this.steps;
    return train.compileSeconds + score.compileSeconds + (writer?.compileSeconds ?? 0);
  }

  /** rate [G], the step, and dropoutSeeds int32 [passes, G, 2]: other for every member and forward pass. */
  private scalars(step: number): Tensors {
    const { accumulation } = this.configs[0]!.training;
    const rates = this.configs.map((c) =>
      learningRateAt(c.training.optimizer, c.training.schedule, step, c.training.steps),
    );
    const passes = Array.from({ length: accumulation }, (_, pass) => step * accumulation + pass);
    const seeds = passes.flatMap((pass) => this.configs.flatMap((c) => [c.seed, pass]));
    return {
      rate: tf.tensor1d(rates),
      step: tf.scalar(step),
      steps: tf.scalar(this.configs[0]!.training.steps),
      dropoutSeeds: tf.tensor3d(seeds, [accumulation, this.members, 2], 'int32'),
    };
  }

  private arguments(rest: Pick<StepArguments, 'state' | 'batch' | 'scalars'>): StepArguments {
    return { frozen: this.frozen, constants: this.constants, ...rest };
  }
}

const row = (t: tf.Tensor, member: number): tf.Tensor =>
  tf.tidy(() => tf.squeeze(tf.slice(t, [member], [1]), [0]));

const renamed = (tensors: Tensors, name: (old: string) => string): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([n, t]) => [name(n), t]));

function required(state: Tensors, name: string): tf.Tensor {
  const found = state[name];
  if (!found) throw new Error(`the resume state has no tensor ${name}`);
  return found;
}
