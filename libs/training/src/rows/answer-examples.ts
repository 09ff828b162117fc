import type { Kind } from '#contracts/kind.js';
import type { Tensors } from '#engine/step/step.js';
import type { Example, Likelihood, Said } from '#tasks/example.js';
import type { Answering, RowOutput } from '../answers/answering.js';
import { lengthBatches } from './length-batches.js';
import type { RowReader } from './row-reader.js';
import type { Row } from './row.js';

/** An example with what a model reads of it. */
export interface EncodedExample {
  example: Example;
  rows: readonly Row[];
}

/** Something that answers the same rows once for each of its members. */
export interface Answerer {
  readonly members: number;
  readonly answers: Pick<Answering, 'fanOut' | 'writing' | 'said' | 'likelihood'>;
  readonly read: RowReader;
  /** The step's numbers of members * rows, member-major; takes over `batch`. */
  score(batch: Tensors): { rows: number; scores: Float32Array };
  /** The texts that are written for each of them, the best first; `streams`: what tells the rows' draws
   *  apart. Where `answers.writing`. */
  write(batch: Tensors, streams: readonly string[]): string[][];
}

/** What is asked of each example. */
export interface Asking {
  said: boolean;
  likelihood: boolean;
}

/** What one member says of examples, in their order; empty where it is not asked for. */
export interface SaidOf {
  said: Said[Kind][];
  likelihoods: Likelihood[];
}

const rowsAtOnce = 64;

/** What each member says of the examples. Rests between batches, so that messages are heard. */
export async function* answerExamples(
  answerer: Answerer,
  examples: readonly EncodedExample[],
  asking: Asking,
): AsyncGenerator<void, SaidOf[]> {
  const { members, answers } = answerer;
  const found = Array.from({ length: members }, (): SaidOf => ({ said: [], likelihoods: [] }));
  const writes = answers.writing !== undefined;
  const reads = asking.likelihood || !writes;
  const given = { writes: asking.said && writes, reads };
  for (const way of ['reads', 'writes'] as const) {
    if (!given[way]) continue;
    yield* eachExample(answerer, examples, way, (m, e, outputs) => {
      const of = examples[e]!;
      if (asking.said && writes === (way === 'writes')) found[m]!.said[e] = answers.said(outputs, of);
      if (asking.likelihood && way === 'reads')
        found[m]!.likelihoods[e] = answers.likelihood!(outputs.map(scoresOf), of);
    });
  }
  return found;
}

const scoresOf = (output: RowOutput): Float32Array =>
  'scores' in output ? output.scores : new Float32Array();

/** Gives the outputs of each example's rows to `take`, of each member, as soon as all are there. */
async function* eachExample(
  answerer: Answerer,
  examples: readonly EncodedExample[],
  way: 'reads' | 'writes',
  take: (member: number, example: number, outputs: RowOutput[]) => void,
): AsyncGenerator<void, void> {
  const { members } = answerer;
  const places = examples.flatMap(({ rows }, e) => rows.map((row, r) => ({ ids: row.ids, row, e, r })));
  const outputs = Array.from({ length: members }, () => examples.map((): RowOutput[] => []));
  const left = examples.map(({ rows }) => rows.length);
  const taken = (e: number) => {
    for (const [m, own] of outputs.entries()) take(m, e, own[e]!);
    for (const own of outputs) own[e] = [];
  };
  for (const [e, rows] of left.entries()) if (rows === 0) taken(e);
  for (const indices of lengthBatches(places, batchSize(answerer, way))) {
    const own = indices.map((i) => places[i]!);
    const batch = answerer.read(Array.from({ length: members }, () => own.map(({ row }) => row)));
    const streams = Array.from({ length: members }, () =>
      own.map(({ e, r }) => `${examples[e]!.example.id} ${r}`),
    ).flat();
    const each =
      way === 'reads' ? scored(answerer, batch) : answerer.write(batch, streams).map((texts) => ({ texts }));
    for (const [p, { e, r }] of own.entries()) {
      if (indices.indexOf(indices[p]!) !== p) continue; // what fills up the last batch
      for (const [m, outs] of outputs.entries()) outs[e]![r] = each[m * own.length + p]!;
      if (--left[e]! === 0) taken(e);
    }
    yield;
  }
}

/** Examples' rows of each member in a batch. Writing holds the logits of one token of each beam, and so has
 *  room for more rows than scoring, which holds those of all tokens; each of its steps reads all weights,
 *  however many rows there are. */
function batchSize({ members, answers }: Answerer, way: 'reads' | 'writes'): number {
  const each = way === 'writes' ? answers.writing!.beams : answers.fanOut;
  return Math.max(Math.ceil(8 / each), Math.floor(rowsAtOnce / members / each));
}

function scored(answerer: Answerer, batch: Tensors): RowOutput[] {
  const { rows, scores } = answerer.score(batch);
  const width = scores.length / rows;
  return Array.from({ length: rows }, (_, r) => ({ scores: scores.subarray(r * width, (r + 1) * width) }));
}
