/** Inputs as they lie on this machine: what of a file or folder is read, and what it holds. */
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { adapterFiles } from '#contracts/adapter-input.js';
import { filesFitting } from '#contracts/file-patterns.js';
import {
  type Input,
  type InputFile,
  type InputKind,
  isFileInput,
  mostFiles,
  type LocalInput,
} from '#contracts/input.js';
import type { NamedInput } from '#contracts/inputs-of.js';
import { modelFiles, tokenizerFiles } from '#contracts/model-files.js';
import type { FileHashes } from './file-hashes.js';

/** What may be opened for a path: the path itself, or what it leads to. Throws where nothing may. */
export type Opened = (path: string) => Promise<string>;

/** What a config names, hashed. Throws an Error naming the file or folder that cannot be read. */
export async function inputAt(
  named: NamedInput,
  hashes: FileHashes,
  opened: Opened = async (path) => path,
): Promise<Input> {
  const { path, kind } = named;
  const files: InputFile[] = [];
  for (const file of await filesOf(named, opened)) {
    const at = await opened(placeOf(path, kind, file));
    files.push({ path: file, ...(await hashes.hashOf(at)) });
  }
  return { path, kind, files };
}

/** Where a file of an input lies. */
export const placeOf = (path: string, kind: InputKind, file: string): string =>
  isFileInput(kind) ? path : join(path, file);

async function filesOf({ path, kind, files }: NamedInput, opened: Opened): Promise<string[]> {
  if (isFileInput(kind)) return [basename(path)];
  if (kind === 'data-folder') return await filesOfFolder(path, files, opened);
  const names = await namesBelow(await opened(path));
  const read = { model: modelFiles, adapter: adapterFiles, tokenizer: tokenizerFiles }[kind as FolderKind](
    names,
  );
  if (read.length === 0) throw new Error(`${path} holds no ${kind}; expected ${expected[kind]}`);
  return read;
}

/** What a data folder holds of these files and patterns. Throws an Error where it holds nothing that a
 *  pattern fits. */
export async function filesOfFolder(
  path: string,
  patterns: readonly string[],
  opened: Opened,
): Promise<string[]> {
  const found = new Set<string>();
  for (const pattern of patterns) {
    const files = await fittingIn(path, pattern, opened);
    if (files.length === 0) throw new Error(`${path} holds no file ${pattern}`);
    for (const file of files) found.add(file);
  }
  if (found.size > mostFiles)
    throw new Error(
      `${path} holds ${found.size} files ${patterns.join(', ')}; expected at most ${mostFiles}: join them, or name fewer`,
    );
  return [...found].toSorted();
}

/** The files of a folder that fit a pattern; one without * as it is. */
async function fittingIn(path: string, pattern: string, opened: Opened): Promise<string[]> {
  const listing = filesFitting(pattern);
  for (let names: string[] = []; ;) {
    const next = listing.next(names);
    if (next.done) return next.value;
    names = await namesIn(await opened(join(path, next.value)), next.value === '');
  }
}

const none = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

/** Throws where the folder itself is none. */
async function namesIn(folder: string, itself: boolean): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (!itself && none.has((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

type FolderKind = 'model' | 'adapter' | 'tokenizer';

const expected: Record<string, string> = {
  adapter: 'adapter_config.json and adapter_model.safetensors, or method_config.json and method.safetensors',
  model: 'config.json, model.safetensors and tokenizer.json, or a GGUF file',
  tokenizer: 'tokenizer.json, or a GGUF file',
};

async function namesBelow(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.includes('1_Pooling') ? [...names, '1_Pooling/config.json'] : names;
}

/** The files of an input that is about to be read, as they are now; or what has changed since it was
 *  submitted, in a sentence. */
export async function foundAt(
  { path, kind, local, files }: LocalInput,
  hashes: FileHashes,
): Promise<InputFile[] | string> {
  const found: InputFile[] = [];
  for (const file of files) {
    const named = placeOf(path, kind, file.path);
    try {
      const { hash, bytes } = await hashes.hashOf(placeOf(local, kind, file.path));
      if (hash !== file.hash)
        return `${named} has changed since it was submitted: it hashes to ${hash.slice(0, 12)}… and ${file.hash.slice(0, 12)}… was submitted; put it back and retry, or submit again`;
      found.push({ path: file.path, hash, bytes });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR')
        return `${named} is not there on the machine that trains; a folder below a root must lie at the same path on every worker`;
      // the machine's fault
      if (code !== undefined && code !== 'EACCES' && code !== 'EPERM' && code !== 'ELOOP') throw error;
      return `${named} cannot be read on the machine that trains: ${code ?? message}`;
    }
  }
  return found;
}
