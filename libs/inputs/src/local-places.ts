import { basename } from 'node:path';
import type { InputKind } from '#contracts/input.js';
import type { NamedInput, Renamed } from '#contracts/inputs-of.js';

/** Where a config's paths lie on this machine, and how a message about those is said of the paths that people
 *  know. */
export class LocalPlaces {
  private readonly places = new Map<string, { path: string; local: string }>();

  add(path: string, kind: InputKind, local: string): void {
    this.places.set(`${kind} ${path}`, { path, local });
  }

  /** For withPaths: what the config names, as it lies here. Throws where it was not placed. */
  readonly renamed: Renamed = ({ path, kind }: NamedInput) => {
    const place = this.places.get(`${kind} ${path}`);
    if (!place) throw new Error(`${path} is none of the files and folders that came with the trial`);
    return place.local;
  };

  said(message: string): string {
    const longestFirst = [...this.places.values()].toSorted((a, b) => b.local.length - a.local.length);
    return longestFirst.reduce((text, { path, local }) => text.replaceAll(local, () => path), message);
  }
}

/** The name under which a copy of a data file is read: its own, or one with its ending where that would be no
 *  name here. */
export function localName(path: string): string {
  const name = basename(path);
  const ending = /\.[a-z0-9]{1,16}$/i.exec(name)?.[0] ?? '';
  return /^[^\0\\/]+$/.test(name) && name !== '.' && name !== '..' && Buffer.byteLength(name) <= 200
    ? name
    : `data${ending}`;
}
