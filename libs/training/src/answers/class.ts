import * as tf from '@tensorflow/tfjs';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import type { Tensors } from '#engine/step/step.js';
import type { GenerateOptions } from '#models/generate/options.js';
import { writtenWord } from '#models/label-words.js';
import type { Model } from '#models/model.js';
import { type Row } from '../rows/row.js';
import {
  amongOwn,
  type Answering,
  type Asked,
  common,
  likeliest,
  type Pass,
  textTensors,
} from './answering.js';
import { closedTasks, type ClosedRow, closedTensor } from './closed.js';
import type { ClassScores } from './class-scores.js';
import { byContinuation } from './continuation.js';
import { continuations, type LabelSpaces } from './continuations.js';
import { byCosine } from './cosine.js';
import type { Head } from '#methods/heads/form.js';
import { headScores } from './head.js';
import { byMask } from './mask.js';
import { byTargetWords } from './target-words.js';
import { withoutSentinel, written } from './writing.js';

/** The label is an index into the dataset's. */
export interface ClassRow extends Row, ClosedRow {
  label: number;
}

/** One label a text: the likeliest, or the one whose word is what was written. */
export function classAnswering(of: Asked<'class'>): Answering<'class', ClassRow> {
  const { model, dataset, by, reader, maxLength } = of;
  const head: Head | null = by === 'head' && !of.ownHead ? { outputs: 'labels', of: 'text' } : null;
  const { fanOut, positionsBehind, key, tokens, ...scores } =
    by === 'head' ? scoresByHead(of, head) : wordScores(of);
  const closed = closedTasks(dataset);
  const writing = by === 'decoding' ? classWriting(of) : undefined;
  const words = dataset.labelWords.map((word) => writtenWord(model, word));
  const targets = (rows: readonly ClassRow[]): Tensors => ({
    labels: tf.tensor1d(rows.map((row) => row.label), 'int32'),
    ...closedTensor(rows),
  }); // prettier-ignore
  return {
    ...common(of),
    rowsKey: `${reader.key} class`,
    head,
    ...scores,
    ...(writing && { writing }),
    fanOut,
    positionsBehind: Math.max(positionsBehind, writing?.maxTokens ?? 0),
    room: longestWord(of) + spare,
    key: {
      kind: 'class',
      by,
      head,
      words: dataset.labelWords,
      tasks: dataset.tasks?.map((p) => p.labels),
      scores: key,
      front: of.front,
    },
    rows: ({ input, answer: { label }, part }) => [
      { ...reader.read(input, maxLength), label, ...(part !== undefined && { closed: closed[part]! }) },
    ],
    tensors: (rows) => ({ ...textTensors(of, rows), ...targets(rows) }),
    ...(by === 'head' && { pooledTargets: targets }),
    said([output]) {
      if ('texts' in output!) {
        const text = withoutSentinel(output.texts[0]!);
        const label = words.indexOf(text);
        return { label: label < 0 ? null : label, text };
      }
      const own = output!.scores.slice();
      return { label: likeliest(own), scores: own };
    },
    likelihood([own], { example: { answer } }) {
      const { label } = answer;
      const bytes = Buffer.byteLength(dataset.labelWords[label]!);
      if (tokens) return { nats: -own![label]!, tokens: tokens[label]!, bytes };
      return { nats: logSumExp(own!) - own![label]!, tokens: 1, bytes };
    },
  };
}

/** log of the sum of e to the power of each. */
export function logSumExp(x: Float32Array): number {
  const most = x.reduce((a, b) => Math.max(a, b), -Infinity);
  return most + Math.log(x.reduce((sum, v) => sum + Math.exp(v - most), 0));
}

function scoresByHead({ model, smoothing }: Asked<'class'>, head: Head | null): ClassScores {
  const outputs = (pass: Pass) => amongOwn(headScores(model, head, pass), pass.batch);
  return {
    fanOut: 1,
    positionsBehind: 0,
    constants: () => ({}),
    outputs,
    losses: (pass) => softmaxCrossEntropy(outputs(pass), pass.batch['labels'] as tf.Tensor1D, smoothing),
  };
}

function wordScores(of: Asked<'class'>): ClassScores {
  const { model, dataset, by, reader, smoothing } = of;
  const { labelWords: words } = dataset;
  switch (model.kind) {
    case 'encoder':
      return reader.maskId === undefined
        ? byCosine(model, words, smoothing)
        : byMask(model, words, reader.maskId, smoothing);
    case 'encoder-decoder':
      return byTargetWords(model, words, of);
    case 'decoder':
      return byContinuation(model, spaceOf(dataset), { compared: by === 'decoding', smoothing });
  }
}

const spare = 4; // tokens beyond the longest label word, so that a longer answer is seen to be another

function longestWord({ model, dataset, front }: Asked<'class'>): number {
  const own = labelTokens(model, spaceOf(dataset));
  return front.length + Math.max(...own.map((ids) => ids.length));
}

/** The label words' tokens, as they are told apart. */
function labelTokens(model: Model, space: LabelSpaces): number[][] {
  if (model.kind === 'decoder') return continuations(model, space, false);
  return space.words.map((word) => model.tokenizer.encodePlain(word));
}

function spaceOf({ labelWords: words, tasks }: Asked<'class'>['dataset']): LabelSpaces {
  return { words, ...(tasks && { tasks: tasks.map((p) => p.labels) }) };
}

function classWriting(of: Asked<'class'>): GenerateOptions {
  return written(of.answer, longestWord(of) + spare);
}
