import * as tf from '@tensorflow/tfjs';
import type { Step, StepArguments, Tensors } from '#engine/step/step.js';
import { checkPositions } from '../positions.js';
import type { GenerateOptions } from './options.js';
import { bansTokens } from './token-rules.js';
import type { Writing } from './writing.js';

/** What reads texts, and what goes on with them. */
export interface WriterSteps {
  begin: Step;
  next: Step;
}

/** What a writer is given; `batch` holds ids and mask [N, T]. */
export type GivenTexts = Pick<StepArguments, 'frozen' | 'constants' | 'state' | 'batch'>;

/** The last token of every beam of every text, [N][beams], and at which beam's slot its ancestor stood at
 *  each step before. */
export interface Turn {
  ids: readonly (readonly number[])[];
  paths: readonly (readonly (readonly number[])[])[];
}

const firstRoom = 32; // tokens
const bannedRoom = 8;

/** Texts in the making and their cache, from one step to the next. It must be disposed of. */
export class WrittenTexts {
  private cache: Tensors = {};
  private logits: tf.Tensor | undefined; // of the last step, where it gives them
  private room = 0; // tokens that the cache has slots for
  private step = 0; // tokens in them

  constructor(
    private readonly writing: Writing,
    private readonly steps: WriterSteps,
    private readonly given: GivenTexts,
    private readonly options: GenerateOptions,
  ) {}

  /** Texts, N. */
  get rows(): number {
    return this.given.batch['ids']!.shape[0]!;
  }

  /** What each text holds before anything is written: its start token, or its prompt without padding. Reads
   *  the batch back. */
  prompts(): number[][] {
    const { startId } = this.writing;
    if (startId !== undefined) return Array.from({ length: this.rows }, () => [startId]);
    const [tokens, keeps] = ['ids', 'mask'].map((name) => this.given.batch[name]!.arraySync()) as [
      number[][],
      number[][],
    ];
    return tokens.map((row, i) => row.filter((_, j) => keeps[i]![j] === 1));
  }

  /** Reads the texts; what the step picks of the logits behind them, a row a text. `banned`: tokens that may
   *  not come, a row each. */
  begin(banned: readonly (readonly number[])[]): Float32Array {
    const batch = { ...this.given.batch, ...this.bans(banned) };
    const { state, outputs } = this.steps.begin.run({ ...this.given, batch, scalars: {} });
    tf.dispose(batch['banned'] ?? []);
    this.cache = state;
    return this.read(outputs);
  }

  /** What it picks behind these tokens, a row a beam; `banned` likewise. */
  next(turn: Turn, banned: readonly (readonly number[])[]): Float32Array {
    const { beams } = this.options;
    const { positions } = this.writing;
    if (positions !== null) checkPositions(this.begun + this.step + 1, positions);
    if (this.step === this.room) this.grow();
    const { rows } = this;
    const batch = {
      ids: tf.tensor2d(turn.ids.flat(), [rows, beams], 'int32'),
      seen: tf.tensor3d(this.seen(turn), [rows, beams, this.room * beams]),
      ...this.bans(banned),
    };
    const scalars = { step: tf.scalar(this.step, 'int32') };
    const { frozen, constants } = this.given;
    const { state, outputs } = this.steps.next.run({
      frozen,
      constants,
      batch,
      scalars,
      state: { ...this.given.state, ...this.cache },
    });
    tf.dispose([batch, scalars] as never);
    this.replace(state);
    this.step++;
    return this.read(outputs);
  }

  /** All logits [V] of each row of the last step, for which the step must give them. */
  allLogits(): Float32Array[] {
    const values = this.logits!.dataSync() as Float32Array;
    const [rows, width] = this.logits!.shape as [number, number];
    return Array.from({ length: rows }, (_, row) => values.subarray(row * width, (row + 1) * width));
  }

  dispose(): void {
    tf.dispose([this.cache, this.logits ?? []] as never);
    this.cache = {};
    this.logits = undefined;
  }

  /** Positions that were read at the start. */
  private get begun(): number {
    return Object.entries(this.cache).find(
      ([name]) => name.endsWith(' mask') && !name.endsWith('cross mask'),
    )![1].shape[1]!;
  }

  private replace(state: Tensors): void {
    for (const [name, t] of Object.entries(state)) {
      if (this.cache[name] !== t) this.cache[name]?.dispose();
      this.cache[name] = t;
    }
  }

  private read({ picks, logits }: Tensors): Float32Array {
    this.logits?.dispose();
    this.logits = logits;
    const values = picks!.dataSync() as Float32Array;
    picks!.dispose();
    return values;
  }

  /** More slots, no more than there can be tokens in them: the last token is not read again. */
  private grow(): void {
    const { maxTokens, beams } = this.options;
    const { positions } = this.writing;
    const most = Math.min(maxTokens - 1, positions === null ? Infinity : positions - this.begun);
    const room = Math.min(Math.max(firstRoom, 2 * this.room), most);
    const own = Object.entries(this.cache).filter(([name]) => / self /.test(name));
    const behind = (t: tf.Tensor): tf.Tensor => {
      const [n, heads, , d] = t.shape as [number, number, number, number];
      return tf.tidy(() => tf.concat([t, tf.zeros([n, heads, (room - this.room) * beams, d])], 2));
    };
    this.replace(Object.fromEntries(own.map(([name, t]) => [name, behind(t)])));
    this.room = room;
  }

  /** 1 where a beam sees a slot: those of its ancestors, and its own. */
  private seen({ paths }: Turn): Float32Array {
    const { beams } = this.options;
    const width = this.room * beams;
    const seen = new Float32Array(this.rows * beams * width);
    paths.forEach((text, row) =>
      text.forEach((path, beam) => {
        const at = (row * beams + beam) * width;
        [...path, beam].forEach((slot, step) => (seen[at + step * beams + slot] = 1));
      }),
    );
    return seen;
  }

  /** banned int32 [N, beams * room], -1 where there is none; nothing without the rule. */
  private bans(banned: readonly (readonly number[])[]): Tensors {
    if (!bansTokens(this.options)) return {};
    const longest = Math.max(...banned.map((ids) => ids.length));
    let room = bannedRoom;
    while (room < longest) room *= 4;
    const all = new Int32Array(banned.length * room).fill(-1);
    banned.forEach((ids, row) => all.set(ids, row * room));
    return { banned: tf.tensor2d(all, [this.rows, all.length / this.rows], 'int32') };
  }
}
