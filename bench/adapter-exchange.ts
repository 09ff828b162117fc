import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { Method } from '#contracts/method.js';
import { loadAdapter, saveAdapter } from '#methods/files/adapter-files.js';
import { labels, moved, passOf, peftOutputs } from '#methods/fixtures/forward.js';
import type { Parameters } from '#methods/method.js';
import { methodOf } from '#methods/table.js';
import { gap } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { saveModel } from '#models/save-model.js';
import type { AdapterRow, PeftMaker } from './adapter-rows.js';
import type { AdapterResult, Crossing } from './adapters-table.js';

/** What peers/adapters_exchange.py is asked about a row. */
interface Request {
  model: string; // folder
  kind: Model['kind'];
  ours: string | null; // folder of our adapter
  theirs: (PeftMaker & { folder: string }) | null;
}

type PeerAnswer = { outputs: number[]; effect: number } | { refused: string } | null;

/** What it prints. */
export interface PeerAnswers {
  peer: string; // "transformers 5.23.0 + peft 0.21.2"
  rows: { ours: PeerAnswer; theirs: PeerAnswer }[];
}

export interface Sent {
  row: AdapterRow;
  folder: string; // of the backbone as we load it
  request: Request;
  outputs: number[] | null; // of our adapter under ourselves
}

/** Our adapter's files below `folder`, and what it answers. */
export async function sent(
  row: AdapterRow,
  { models, folder }: { models: string; folder: string },
): Promise<Sent> {
  const from = join(models, row.family);
  return withModel(from, (model) => {
    const ours = row.ours && join(folder, 'ours');
    const theirs = row.theirs && { ...row.theirs, folder: join(folder, 'theirs') };
    const request = { model: from, kind: model.kind, ours, theirs };
    if (!row.ours || !ours) return { row, folder: from, request, outputs: null };
    const method = methodOf(row.ours);
    method.check(row.ours, model);
    const parameters = moved(method.init(row.ours, model, labels, 1), 2);
    saveAdapter(ours, model, { config: row.ours, parameters, labels, backbone: from });
    const outputs = Array.from(peftOutputs(model, row.ours, parameters).dataSync());
    if (!method.freeze) return { row, folder: from, request, outputs };
    const backbone = join(folder, 'backbone');
    saveBackbone(backbone, model, row.ours, parameters);
    return { row, folder: from, request: { ...request, model: backbone }, outputs };
  });
}

/** The model with its weights as the method reads them: after 4 bits, say. */
function saveBackbone(folder: string, model: Model, config: Method, parameters: Parameters): void {
  const { weights } = passOf(model, config, parameters);
  saveModel(folder, { config: model.config, weights, tokenizerFolder: model.folder, dtype: 'F32' });
}

/** Both ways' differences, from the peer's answers. */
export async function received(
  { row, folder, request, outputs }: Sent,
  answers: PeerAnswers['rows'][0],
): Promise<AdapterResult> {
  const { family, method, remark } = row;
  const toPeft = crossing(answers.ours, (theirs) => gap(tf.tensor1d(outputs!), theirs));
  const toOurs = await withModel(folder, (model) =>
    crossing(answers.theirs, (theirs) => {
      const { config, parameters } = loadAdapter(request.theirs!.folder, model);
      return gap(peftOutputs(model, config, parameters), theirs);
    }),
  );
  return { family, method, toPeft, toOurs, remark };
}

function crossing(answer: PeerAnswer, gapTo: (outputs: number[]) => number): Crossing {
  if (!answer) return null;
  if ('refused' in answer) return { ...answer, by: 'peft' };
  try {
    return { gap: gapTo(answer.outputs), effect: answer.effect };
  } catch (error) {
    return { refused: (error as Error).message, by: 'peftgrid' };
  }
}

async function withModel<T>(folder: string, use: (model: Model) => T): Promise<T> {
  const model = await loadModel(folder);
  tf.engine().startScope();
  try {
    return use(model);
  } finally {
    tf.engine().endScope();
    model.dispose();
  }
}
