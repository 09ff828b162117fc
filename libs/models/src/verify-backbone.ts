/** Loads a backbone and says what it computes for given ids, so that a conversion can be held against
 *  transformers. */
import { existsSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { backboneNames, resolveBackbone } from './backbones.js';
import { loadModel } from './load-model.js';
import type { TokenBatch } from './batch.js';
import type { Model } from './model.js';

export interface Verification {
  folder: string;
  family: string;
  kind: Model['kind'];
  hash: string;
  parameters: number;
  dModel: number;
  vocabularySize: number;
  maxPositions: number | null;
  tensors: { count: number; check: 'all there, none too many, all of the shapes that config.json asks for' };
  // fields of config.json that no class of transformers has, and tensors of other heads
  unread: readonly string[];
  ids: number[];
  /** What `values` are. Encoder-decoders read the ids and are asked for the first token. */
  output: 'logits' | 'mask-logits' | 'hidden-states' | 'first-token-logits';
  shape: number[]; // [positions, vocabulary or width]
  values: number[]; // row-major
}

export interface VerifyOptions {
  ids?: readonly number[];
  text?: string; // with the tokenizer's special tokens; absent as ids: "The cat sat on the mat."
  home: string;
  log(line: string): void;
}

/** `target`: a folder or a backbone's name. Throws an Error that names what is wrong with the target or the
 *  ids. The engine must have been started. */
export async function verifyBackbone(target: string, options: VerifyOptions): Promise<Verification> {
  const model = await loadModel(await folderOf(target, options));
  try {
    const ids = idsOf(model, options);
    const { output, states } = tf.tidy(() => outputOf(model, ids) as never) as {
      output: Verification['output'];
      states: tf.Tensor;
    };
    const values = Array.from(states.dataSync());
    const [positions, width] = states.shape.slice(-2) as [number, number];
    states.dispose();
    return { ...factsOf(model), ids, output, shape: [positions, width], values };
  } finally {
    model.dispose();
  }
}

async function folderOf(target: string, { home, log }: VerifyOptions): Promise<string> {
  if (backboneNames.includes(target)) return (await resolveBackbone(target, home, log)).folder;
  if (existsSync(target)) return target;
  throw new Error(`${target} is neither a folder nor a backbone; known are ${backboneNames.join(', ')}`);
}

function idsOf(model: Model, { ids, text = 'The cat sat on the mat.' }: VerifyOptions): number[] {
  const chosen = ids ? [...ids] : model.tokenizer.encode(text);
  if (chosen.length === 0) throw new Error('there are no ids to compute with; expected at least one');
  const { vocabularySize: v, maxPositions } = model;
  const bad = chosen.find((id) => !Number.isInteger(id) || id < 0 || id >= v);
  if (bad !== undefined) throw new Error(`id ${bad} is none of the model's; expected 0 to ${v - 1}`);
  if (maxPositions !== null && chosen.length > maxPositions)
    throw new Error(`there are ${chosen.length} ids, and the model has ${maxPositions} positions`);
  return chosen;
}

function outputOf(model: Model, ids: number[]): { output: Verification['output']; states: tf.Tensor } {
  const shape: [number, number] = [1, ids.length];
  const batch: TokenBatch = { ids: tf.tensor2d(ids, shape, 'int32'), mask: tf.ones(shape) };
  const { weights } = model;
  if (model.kind === 'decoder') return { output: 'logits', states: model.decode(weights, batch) };
  const encoded = model.encode(weights, batch);
  if (model.kind === 'encoder-decoder') {
    const start = tf.tensor2d([model.decoderStartId], [1, 1], 'int32');
    return { output: 'first-token-logits', states: model.decode(weights, encoded, start) };
  }
  if (model.maskLogits) return { output: 'mask-logits', states: model.maskLogits(weights, encoded, batch) };
  return { output: 'hidden-states', states: encoded.states };
}

function factsOf(model: Model) {
  return {
    folder: model.folder,
    family: model.family,
    kind: model.kind,
    hash: model.hash,
    parameters: model.parameterCount,
    dModel: model.dModel,
    vocabularySize: model.vocabularySize,
    maxPositions: model.maxPositions,
    tensors: {
      count: Object.keys(model.weights).length,
      check: 'all there, none too many, all of the shapes that config.json asks for',
    },
    unread: model.unread,
  } as const;
}

/** What `peftgrid backbone verify` prints without --json: sizes, and of each position the first values and
 *  the largest. */
export function describeVerification(v: Verification): string {
  const [positions, width] = v.shape as [number, number];
  const rows = Array.from({ length: positions }, (_, i) => {
    const row = v.values.slice(i * width, (i + 1) * width);
    const best = row.reduce((top, value, id) => (value > row[top]! ? id : top), 0);
    const first = row.slice(0, 6).map((x) => x.toFixed(5));
    const at = v.output === 'first-token-logits' ? 'start' : `id ${v.ids[i]}`;
    return `  ${at}: ${first.join(' ')} …  largest ${row[best]!.toFixed(5)} at ${best}`;
  });
  return [
    `${v.folder}: ${v.family} (${v.kind}), ${v.parameters} parameters`,
    `  width ${v.dModel}, vocabulary ${v.vocabularySize}, positions ${v.maxPositions ?? 'unlimited'}, sha256 ${v.hash}`,
    `  ${v.tensors.count} tensors: ${v.tensors.check}`,
    ...(v.unread.length ? [`  not read: ${v.unread.join(', ')}`] : []),
    `${v.output} [${v.shape.join(', ')}] of ids ${v.ids.join(',')}:`,
    ...rows,
  ].join('\n');
}
