import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Member } from '#contracts/trainer-messages.js';

const mostEntries = 10_000; // of a folder
const fetchedBytes = 500e6; // a named backbone that is not here yet, about

/** Bytes that a trainer may have to read, or fetch, before it trains these members: every file and folder
 *  that they name. */
export function loadBytes(members: readonly Member[], home: string): number {
  const places = new Set<string>();
  let fetched = 0;
  for (const { config, backboneFolder, sourceFolder, evaluatedFolders = [], resumeFolder } of members) {
    const given = [backboneFolder, sourceFolder, ...evaluatedFolders, resumeFolder];
    for (const folder of given) if (folder) places.add(folder);
    for (const text of texts(config)) if (isAbsolute(text)) places.add(text);
    const name = config.stage === 'pretrain' ? undefined : config.backbone.name;
    if (name === undefined) continue;
    const folder = join(home, 'backbones', name);
    if (existsSync(folder)) places.add(folder);
    else fetched = fetchedBytes;
  }
  return [...places].reduce((sum, place) => sum + bytesOf(place), fetched);
}

function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
}

function bytesOf(place: string): number {
  const found = statSync(place, { throwIfNoEntry: false });
  if (!found?.isDirectory()) return found?.size ?? 0;
  return entriesOf(place)
    .slice(0, mostEntries)
    .reduce(
      (sum, e) =>
        sum + (e.isDirectory() ? 0 : (statSync(join(place, e.name), { throwIfNoEntry: false })?.size ?? 0)),
      0,
    );
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // not ours to read: the trainer says so
  }
}
