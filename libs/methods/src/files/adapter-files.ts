/** A trained method as files: Hugging Face PEFT's layout where PEFT has the method, and the honest equivalent
 *  where it has not: a Hugging Face model folder for tuned weights, and for the rest the parameters by name
 *  beside the method's config. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { Method } from '#contracts/method.js';
import type { Weights } from '#models/batch.js';
import type { Model } from '#models/model.js';
import { saveModel } from '#models/save-model.js';
import { saveClassifier } from '#models/save-classifier.js';
import { readBack } from '#models/weights/read-back.js';
import { readSafetensors, writeSafetensors } from '#models/weights/safetensors.js';
import { outWeight, withoutHead } from '../heads/classifier.js';
import { formOf, type Head } from '../heads/form.js';
import type { LabelSpace, Parameters } from '../method.js';
import { methodFor, methodNames, methodOf } from '../table.js';
import { classifierLayout, headLayers, taskTypes } from './peft/classifier.js';

export interface TrainedAdapter {
  config: Method;
  parameters: Parameters; // one member's
  labels: LabelSpace;
  tags?: readonly string[]; // of a tagger; one an output of its head
  head?: Head | null; // trained next to the method, among the parameters; absent: of a tagger's tokens
  backbone: string; // base_model_name_or_path
}

export type LoadedAdapter = Pick<TrainedAdapter, 'config' | 'parameters' | 'tags' | 'head'> & {
  labels?: LabelSpace;
};

/** The head that an adapter has next to its method. */
export const headBeside = ({ head, tags }: Pick<TrainedAdapter, 'head' | 'tags'>): Head | null =>
  head ?? (tags ? { outputs: 'labels', of: 'tokens' } : null);

/** Whether what was trained is the model itself, whose folder is a Hugging Face model's. */
export const isWhole = ({ name }: Method): boolean => name === 'full' || name === 'top-layers';

/** Writes into an existing or new folder. Reads values back from the device. */
export function saveAdapter(folder: string, model: Model, trained: TrainedAdapter): void {
  const { config, parameters, labels, tags, backbone } = trained;
  const head = headBeside(trained);
  const { peft, fold } = methodFor(config, { head });
  if (isWhole(config)) return saveWhole(folder, model, trained);
  mkdirSync(folder, { recursive: true });
  const write = (name: string, content: object) =>
    writeFileSync(join(folder, name), `${JSON.stringify(content, null, 2)}\n`);
  if (peft && (peft.carries?.(config, model) ?? true)) {
    write('adapter_config.json', {
      ...commonFields(model, backbone),
      peft_type: peft.type,
      ...peft.config(config, model),
    });
    const tensors = peft.tensors(parameters, config, model);
    writeSafetensors(join(folder, 'adapter_model.safetensors'), readBack(tensors), 'F32');
    if (tags)
      write(tagsFile, [...tags]); // peft has no place for them
    else if (labels.words.length) write(labelsFile, labels.words);
    return disposeMade(tensors, parameters);
  }
  const folded = fold?.(config, model, parameters) ?? { config, parameters };
  const meaning = { labels: labels.words, ...(tags && { tags }), ...(head && { head }) };
  write('method_config.json', { method: folded.config, ...meaning, base_model_name_or_path: backbone });
  writeSafetensors(join(folder, 'method.safetensors'), readBack(folded.parameters), 'F32');
  disposeMade(folded.parameters, parameters);
}

/** Writes a backbone and a head next to it as transformers' class for both. */
export function saveWithHead(
  folder: string,
  model: Model,
  of: { weights: Weights; parameters: Parameters; head: Head; labels: readonly string[] },
): void {
  const form = formOf(model, of.head);
  const head = headLayers(form, of.parameters);
  try {
    const outputs = of.parameters[outWeight]!.shape[1]!;
    const labels = of.labels.length === outputs ? of.labels : numbered(outputs);
    saveClassifier(folder, model, { weights: of.weights, base: form.base, head, of: of.head.of, labels });
  } finally {
    disposeMade(head, of.parameters);
  }
}

/** transformers' names where outputs are no labels. */
const numbered = (outputs: number): string[] => Array.from({ length: outputs }, (_, i) => `LABEL_${i}`);

/** The trained weights among the backbone's own, as its folder has them. */
function saveWhole(folder: string, model: Model, trained: TrainedAdapter): void {
  const { parameters, labels, tags } = trained;
  const own = withoutHead(parameters);
  const head = headBeside(trained);
  const others = Object.keys(model.weights).filter((name) => !Object.hasOwn(own, name));
  const frozen = Object.fromEntries(others.map((name) => [name, model.original(name)]));
  try {
    const weights = { ...frozen, ...own };
    if (head) saveWithHead(folder, model, { weights, parameters, head, labels: tags ?? labels.words });
    else saveModel(folder, { config: model.config, weights, tokenizerFolder: model.folder, dtype: 'F32' });
  } finally {
    tf.dispose(frozen);
  }
}

/** Frees what was made of `parameters`, and not these. */
function disposeMade(tensors: Parameters, parameters: Parameters): void {
  const own = new Set(Object.values(parameters));
  tf.dispose(Object.values(tensors).filter((t) => !own.has(t)));
}

/** The method and parameters that saveAdapter or PEFT wrote; the caller owns the tensors. Throws an Error
 *  that names what the folder lacks. */
export function loadAdapter(folder: string, model: Model): LoadedAdapter {
  const path = join(folder, 'adapter_config.json');
  if (!existsSync(path)) return loadOwn(folder);
  const written = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  const layouts = methodNames.flatMap((name) => methodOf({ name } as Method).peft ?? []);
  const ofType = layouts.filter(({ type }) => type === written['peft_type']);
  const layout = ofType.find(({ reads }) => reads?.(written) ?? true);
  if (!layout) {
    const known = [...new Set(layouts.map(({ type }) => type))].join(', ');
    throw new Error(`${path} is of peft_type "${written['peft_type']}"; known are ${known}`);
  }
  const tensors = onDevice(join(folder, 'adapter_model.safetensors'));
  const of = (['text', 'tokens'] as const).find((of) => taskTypes[of] === written['task_type']);
  const [tags, words] = [tagsFile, labelsFile].map((file) => namesIn(join(folder, file)));
  const named = { ...(tags && { tags }), ...(words && { labels: { words } }) };
  if (!of) return { ...layout.parameters(tensors, written, model), ...named };
  const trained = classifierLayout(layout, { of, outputs: 'labels' }).parameters(tensors, written, model);
  const head = { of, outputs: trained.parameters[outWeight]!.shape[1]! };
  return { ...trained, head, ...named };
}

const tagsFile = 'tags.json'; // one a class
const labelsFile = 'labels.json'; // label words; of a head one an output

const namesIn = (path: string): string[] | undefined =>
  existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as string[]) : undefined;

/** A method that PEFT has not. */
function loadOwn(folder: string): LoadedAdapter {
  const path = join(folder, 'method_config.json');
  if (!existsSync(path)) throw new Error(`${folder} has neither adapter_config.json nor method_config.json`);
  const { method, labels, tags, head } = JSON.parse(readFileSync(path, 'utf8')) as OwnFile;
  const parameters = onDevice(join(folder, 'method.safetensors'));
  const beside = {
    ...(tags && { tags }),
    ...(head && { head }),
    ...(labels && { labels: { words: labels } }),
  };
  return { config: Method.parse(method), parameters, ...beside };
}

interface OwnFile {
  method: unknown;
  labels?: string[];
  tags?: string[];
  head?: Head;
}

function onDevice(file: string): Parameters {
  return Object.fromEntries(
    [...readSafetensors(file)].map(([n, t]) => [n, tf.tensor(t.values, t.shape, 'float32')]),
  );
}

function commonFields(model: Model, backbone: string): Record<string, unknown> {
  const c = JSON.parse(model.config) as Record<string, unknown>;
  return {
    auto_mapping: null,
    base_model_name_or_path: backbone,
    inference_mode: true,
    modules_to_save: null,
    num_attention_heads:
      c['num_attention_heads'] ?? c['num_heads'] ?? c['n_head'] ?? c['encoder_attention_heads'],
    num_layers: c['num_hidden_layers'] ?? c['num_layers'] ?? c['n_layer'] ?? c['encoder_layers'],
    revision: null,
    task_type: { encoder: 'FEATURE_EXTRACTION', decoder: 'CAUSAL_LM', 'encoder-decoder': 'SEQ_2_SEQ_LM' }[
      model.kind
    ],
  };
}
