import * as tf from '@tensorflow/tfjs';
import type { Precision } from '#contracts/precision.js';
import { startEngine } from '#engine/native/start.js';
import { Writer } from '#models/generate/writer.js';
import { loadModel } from '#models/load-model.js';

/** What one process measured: seconds of each repeat after the first, and what was written. */
export interface GenerateReport {
  first: number; // seconds, tracing among them
  seconds: number[];
  ids: number[][];
}

/** What both sides are asked; `prompts` [N][T] without padding. */
export interface GenerateAsked {
  folder: string;
  prompts: number[][];
  beams: number;
  tokens: number;
  repeats: number;
  threads: number;
  precision: Precision;
}

/** Texts written by us, in a process of its own: `generate-run.js ASKED`, a JSON object. Prints one. */
async function main(): Promise<void> {
  const asked = JSON.parse(process.argv[2]!) as GenerateAsked;
  await startEngine({ threads: asked.threads, device: 'cpu' });
  const model = await loadModel(asked.folder, asked.precision);
  if (model.kind === 'encoder') throw new Error(`${asked.folder} has no decoder`);
  const { precision } = asked;
  const writer = new Writer('bench', model.writing, ({ frozen }) => ({ weights: frozen }), { precision });
  const ids = tf.tensor2d(asked.prompts, undefined, 'int32');
  const given = {
    frozen: { ...model.weights },
    constants: {},
    state: {},
    batch: { ids, mask: tf.ones(ids.shape) },
  };
  const options = { beams: asked.beams, maxTokens: asked.tokens, lengthPenalty: 1 };
  let written: number[][] = [];
  const seconds = Array.from({ length: asked.repeats + 1 }, () => {
    const start = performance.now();
    written = writer.write(given, options).map(([best]) => best!);
    return (performance.now() - start) / 1e3;
  });
  const report: GenerateReport = { first: seconds[0]!, seconds: seconds.slice(1), ids: written };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  process.exit(0);
}

if (require.main === module) void main();
