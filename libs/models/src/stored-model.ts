import type { z } from 'zod';
import type { Precision } from '#contracts/precision.js';
import { checkOtherFields, type OtherFields } from './config/other-fields.js';
import { HeldWeights } from './held-weights.js';
import type { Tokenizer } from './tokenizer.js';
import { loadTokenizer } from './tokenizer-json.js';
import type { StoredTensor } from './weights/safetensors.js';

/** A model as its folder has it, before a family makes sense of it. */
export interface StoredModel {
  folder: string;
  path: string; // of config.json, for messages
  config: unknown; // config.json, parsed, with what generation_config.json says
  text: string; // config.json, as it is written
  identity: string; // all texts that say what the model computes
  tensors: Map<string, StoredTensor>;
  unread: string[]; // what the folder has and nothing reads: fields and tensors, by name
  precision: Precision; // in which its matrices are to be held
}

/** The config by a family's schema; what the schema does not read is held against `others`. Throws an Error
 *  that names the file and the entry. */
export function configOf<S extends z.ZodObject>(
  schema: S,
  others: OtherFields,
  stored: StoredModel,
): z.infer<S> {
  const { config, path, unread } = stored;
  const result = schema.safeParse(config);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    const where = issue.path.length ? ` ${issue.path.join('.')}:` : '';
    throw new Error(`${path}:${where} ${issue.message}`);
  }
  const used = Object.keys(schema.shape);
  const ignored = checkOtherFields(config as Record<string, unknown>, { path, used, others });
  unread.push(...ignored.map((field) => `config.json's ${field}`));
  return result.data;
}

/** Throws where config.json has more layers than the weights have tensors, before anything is made for each
 *  of them. */
export function checkDepth({ path, tensors }: StoredModel, layers: Readonly<Record<string, number>>): void {
  for (const [field, count] of Object.entries(layers)) {
    if (count > tensors.size)
      throw new Error(`${path}: ${field} is ${count}, and the weights have ${tensors.size} tensors`);
  }
}

/** Throws where config.json names a token that the model has no embedding of. */
export function checkTokenIds(
  { path }: StoredModel,
  vocabulary: number,
  ids: Readonly<Record<string, number | null | undefined>>,
): void {
  for (const [field, id] of Object.entries(ids)) {
    if (id != null && (id < 0 || id >= vocabulary))
      throw new Error(`${path}: ${field} is ${id}; expected a token from 0 to ${vocabulary - 1}`);
  }
}

/** Takes out tensors that the model does not need, and says so. */
export function leaveOut(
  { unread }: StoredModel,
  tensors: Map<string, StoredTensor>,
  which: (name: string) => boolean,
): void {
  for (const name of [...tensors.keys()].filter(which)) {
    tensors.delete(name);
    unread.push(`tensor ${name}`);
  }
}

/** What every loaded model has. Takes the tensors to the device. `encodes`: whether encode() reads a weight;
 *  absent: it reads all. */
export function common(
  { folder, text, identity, unread, precision }: StoredModel,
  stored: ReadonlyMap<string, StoredTensor>,
  embeddings: number,
  encodes?: (name: string) => boolean,
) {
  const tokenizer: Tokenizer = loadTokenizer(folder);
  if (tokenizer.size > embeddings) {
    throw new Error(
      `${folder}: the tokenizer has ids up to ${tokenizer.size - 1}, and the model has ${embeddings} embeddings`,
    );
  }
  const held = new HeldWeights(folder, stored, identity, precision);
  return {
    config: text,
    folder,
    unread,
    weights: held.weights,
    encoderWeights: encodes ? held.chosen(encodes) : held.weights,
    precision,
    hash: held.hash,
    tokenizer,
    vocabularySize: embeddings,
    shapes: Object.fromEntries([...stored].map(([name, { shape }]) => [name, shape])),
    parameterCount: [...stored.values()].reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0),
    original: (name: string) => held.original(name),
    setAside: (names: Iterable<string>) => held.setAside(names),
    dispose: () => held.dispose(),
  };
}

/** Takes out a head that is a copy of the embedding, as some checkpoints of tied models have it. Throws where
 *  it is no copy: the config says one thing and the weights another. */
export function withoutTiedHead(
  { folder }: StoredModel,
  tensors: Map<string, StoredTensor>,
  names: { head: string; tied: string },
): void {
  const head = tensors.get(names.head);
  const tied = tensors.get(names.tied);
  if (!head || !tied) return;
  const [own, shared] = [head.values, tied.values];
  const same = own.length === shared.length && own.every((v, i) => v === shared[i]);
  if (!same)
    throw new Error(`${folder}: config.json ties ${names.head} to ${names.tied}, and the two differ`);
  tensors.delete(names.head);
}
