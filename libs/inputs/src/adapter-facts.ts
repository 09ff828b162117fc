import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  adapterFiles,
  type AdapterFacts,
  isPromptFile,
  ownFacts,
  peftFacts,
  promptFacts,
} from '#contracts/adapter-input.js';
import { longestNpyHeader, matrixShape, npyHeader, promptTensor } from '#contracts/npy.js';

/** What an adapter's folder, or a file of a prompt, says of itself; null where it is not here. Throws an
 *  Error that names the file and what is wrong with it. */
export async function adapterFacts(path: string): Promise<AdapterFacts | null> {
  try {
    return await factsAt(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

async function factsAt(path: string): Promise<AdapterFacts | null> {
  if (isPromptFile(path)) return of(path, async () => promptFacts(await shapeIn(path)));
  const files = adapterFiles(await readdir(path));
  const name = ['adapter_config.json', 'method_config.json'].find((file) => files.includes(file));
  if (!name) return null; // what it holds instead is said where it is hashed
  const file = join(path, name);
  return of(file, async () => {
    const text = await readFile(file, 'utf8');
    return name === 'adapter_config.json' ? peftFacts(text) : ownFacts(text);
  });
}

async function of(path: string, facts: () => Promise<AdapterFacts>): Promise<AdapterFacts> {
  try {
    return await facts();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code) throw cause;
    throw new Error(`${path}: ${(cause as Error).message}`, { cause });
  }
}

async function shapeIn(path: string): Promise<[number, number]> {
  const bytes = await beginning(path, longestNpyHeader);
  if (/\.npy$/i.test(path)) return matrixShape(npyHeader(bytes).shape);
  const length =
    bytes.length < 8 ? 0 : Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length === 0 || 8 + length > bytes.length) throw new Error('it is no safetensors file of a prompt');
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Header;
  const names = Object.keys(header).filter((name) => name !== '__metadata__');
  return matrixShape(header[promptTensor(names)]!.shape ?? []);
}

type Header = Record<string, { shape?: number[] }>;

async function beginning(path: string, length: number): Promise<Uint8Array> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
