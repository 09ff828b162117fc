import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { Task } from '#contracts/task.js';
import { Task as TaskSchema } from '#contracts/task.js';
import { virtualTokens } from '#contracts/virtual-tokens.js';
import { headBeside, loadAdapter, type LoadedAdapter } from '#methods/files/adapter-files.js';
import { backboneNames, resolveBackbone } from '#models/backbones.js';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { readJsonFile } from '#models/weights/regular-file.js';
import { counted } from '../counted.js';
import { Failure } from '../failure.js';
import { say } from '../output.js';

/** A model with an adapter, and the task that it answers. */
export interface Answering {
  model: Model;
  task: Task;
  adapter: LoadedAdapter;
}

interface Given {
  home: string;
  backbone?: string;
  labels?: string; // "yes,no"
  maxLength?: number;
  maxTokens?: number;
}

const largestConfig = 10e6; // bytes
const usualLength = 512; // tokens
const usualTokens = 64;

const configs = ['adapter_config.json', 'method_config.json'];

export const isAdapterFolder = (path: string): boolean =>
  configs.some((name) => existsSync(join(path, name)));

/** Loads a folder that Hugging Face peft or an export has written, with its backbone. How it answers follows
 *  from what it holds: by its head; among its label words; or in writing. Throws Failure where that does not
 *  follow, or where there is no such backbone. */
export async function withAdapterFolder(
  folder: string,
  given: Given,
  use: (answering: Answering) => Promise<void>,
): Promise<void> {
  const model = await loadModel(await backboneOf(folder, given));
  try {
    const adapter = namedAnew(loadAdapter(folder, model), given.labels);
    try {
      await use({ model, adapter, task: taskOf(folder, { model, adapter, given }) });
    } finally {
      tf.dispose(adapter.parameters);
    }
  } finally {
    model.dispose();
  }
}

/** The backbone that is named, or that the adapter's config names: a name, or a folder of this machine. */
async function backboneOf(folder: string, { backbone, home }: Given): Promise<string> {
  const path = join(
    folder,
    configs.find((name) => existsSync(join(folder, name)))!,
  );
  const config = readJsonFile(path, largestConfig) as Record<string, unknown> | null;
  const written = config?.['base_model_name_or_path'];
  const named = backbone ?? written;
  const known = backboneNames.join(', ');
  if (typeof named !== 'string' || named === '')
    throw new Failure(
      `${path} names no backbone; give --backbone NAME|FOLDER, where the names known are ${known}`,
    );
  if (backboneNames.includes(named)) return (await resolveBackbone(named, home, say)).folder;
  if (existsSync(named) && statSync(named).isDirectory()) return named;
  const whose = backbone === undefined ? `${path} names the backbone` : '--backbone is';
  throw new Failure(
    `${whose} "${named}", which is neither a folder here nor known; give --backbone NAME|FOLDER, where the names known are ${known}`,
  );
}

function namedAnew(adapter: LoadedAdapter, labels: string | undefined): LoadedAdapter {
  if (labels === undefined) return adapter;
  const words = labels.split(',').map((word) => word.trim());
  if (words.some((word) => word === ''))
    throw new Failure(`--labels is "${labels}"; expected words as in yes,no`);
  const outputs = headBeside(adapter)?.outputs;
  if (typeof outputs === 'number' && outputs !== words.length)
    throw new Failure(`--labels names ${words.length} labels, and the adapter's head has ${outputs} outputs`);
  const { tags: _tags, ...rest } = adapter;
  return { ...rest, labels: { words }, ...(adapter.tags && { tags: words }) };
}

function taskOf(folder: string, of: { model: Model; adapter: LoadedAdapter; given: Given }): Task {
  const { model, adapter, given } = of;
  const { maxTokens } = given;
  const head = headBeside(adapter);
  const common = { path: folder, maxLength: lengthOf(of) };
  const refuseTokens = (how: string) => {
    if (maxTokens !== undefined)
      throw new Failure(`--max-tokens is ${maxTokens}, and ${folder} writes nothing: it answers by ${how}`);
  };
  if (head) refuseTokens('its head');
  else if (adapter.labels?.words.length) refuseTokens('its label words');
  if (head?.of === 'tokens') return TaskSchema.parse({ name: 'tagging', ...common });
  const file = { name: 'file', ...common, input: '{text}' };
  if (head?.outputs === 1) return TaskSchema.parse({ ...file, kind: 'number', value: 'value' });
  if (head || adapter.labels?.words.length) {
    const answer = head ? { by: 'head' } : {};
    return TaskSchema.parse({ ...file, kind: 'class', label: 'label', answer });
  }
  if (model.kind === 'encoder')
    throw new Failure(
      `${folder} has no head and names no label words, and an encoder writes nothing; give --labels a,b,c`,
    );
  return TaskSchema.parse({
    ...file,
    kind: 'text',
    references: 'text',
    answer: { maxTokens: maxTokens ?? usualTokens },
  });
}

/** The most tokens of a text: what is asked for, or what is usual and has room. */
function lengthOf({ model, adapter, given }: { model: Model; adapter: LoadedAdapter; given: Given }): number {
  const virtual = virtualTokens(adapter.config);
  const room = model.maxPositions === null ? Infinity : model.maxPositions - virtual;
  const { maxLength = Math.min(usualLength, room) } = given;
  if (maxLength <= room) return maxLength;
  const beside = virtual ? ` beside ${counted(virtual, 'virtual token')}` : '';
  throw new Failure(`--max-length is ${maxLength}; the backbone has room for ${room} tokens${beside}`);
}
