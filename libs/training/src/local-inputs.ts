/** A trial's files and folders on this machine: where they lie, that they hold what was submitted, and how
 *  messages name them. */
import { readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { adapterFiles } from '#contracts/adapter-input.js';
import { isPattern } from '#contracts/file-patterns.js';
import { isFileInput, type LocalInput } from '#contracts/input.js';
import { hashOfInput } from '#contracts/input-hash.js';
import { inputsOf, type NamedInput, withPaths } from '#contracts/inputs-of.js';
import { modelFiles, tokenizerFiles } from '#contracts/model-files.js';
import type { Member } from '#contracts/trainer-messages.js';
import { FileHashes } from '#inputs/file-hashes.js';
import { LocalPlaces } from '#inputs/local-places.js';
import { isData, withoutValues } from '#inputs/quotes.js';
import { foundAt } from '#inputs/read-inputs.js';
import { fittingIn } from '#tasks/reading/files-in.js';
import { InvalidTrial, type TrainHost } from './signals.js';

/** The member with paths of this machine. Without inputs its paths are this machine's already. Throws
 *  InvalidTrial where one did not come along. */
export function placedMember<M extends Member>(member: M): M {
  const { inputs } = member;
  if (!inputs) return member;
  const places = new LocalPlaces();
  for (const { path, kind, local } of inputs) places.add(path, kind, local);
  try {
    const config = withPaths(member.config, places.renamed);
    for (const named of inputsOf(config)) refuseMore(named, inputs);
    return { ...member, config };
  } catch (error) {
    throw new InvalidTrial((error as Error).message, { cause: error });
  }
}

/** Throws where a folder whose files are found by patterns holds one that was not submitted: it would be
 *  read. */
function refuseMore(named: NamedInput, inputs: readonly LocalInput[]): void {
  const input = inputs.find(({ local, kind }) => local === named.path && kind === named.kind);
  if (!input || !named.files.some(isPattern)) return;
  const more = filesOf(named).find(
    (path) => !input.files.some((file) => join(named.path, file.path) === path),
  );
  if (more !== undefined)
    throw new Error(
      `${more} was not there when ${input.path} was submitted; take it away and retry, or submit again`,
    );
}

/** Hashes of what the member's inputs hold now, sorted; undefined where nobody said what they must hold.
 *  Throws InvalidTrial where one has changed since it was submitted, or is gone. */
export async function verifiedInputs(
  { inputs }: Pick<Member, 'inputs'>,
  { home }: TrainHost,
): Promise<string[] | undefined> {
  if (!inputs) return undefined;
  const hashes = FileHashes.of(home);
  const found = new Set<string>();
  for (const input of inputs) {
    const files = await foundAt(input, hashes);
    if (typeof files === 'string') throw new InvalidTrial(files);
    found.add(hashOfInput(input.kind, files));
  }
  return [...found].toSorted();
}

/** A message of a trainer, said of the paths that people know. What may not be quoted is left out of it. */
export function saidOf({ inputs = [] }: Pick<Member, 'inputs'>, message: string): string {
  const secret = inputs.find(
    ({ local, kind, quotable }) => !quotable && isData(kind) && message.includes(local),
  );
  if (secret) return withoutValues(message, secret.path);
  const places = new LocalPlaces();
  for (const { path, kind, local } of inputs) places.add(path, kind, local);
  return places.said(message);
}

/** The folder of a backbone as its config named it. */
export const givenPath = ({ inputs = [] }: Pick<Member, 'inputs'>, local: string): string =>
  inputs.find((input) => input.local === local)?.path ?? local;

/** What stands for a local path in the keys of what is kept warm: its content where that is known, else the
 *  state of its files. */
export class Contents {
  constructor(private readonly inputs: readonly LocalInput[] = []) {}

  readonly of = (named: NamedInput): string => {
    const input = this.inputs.find(({ local, kind }) => local === named.path && kind === named.kind);
    if (input) return `sha256:${input.hash}${input.kind === 'data' ? extname(input.local) : ''}`;
    return `${named.path} ${filesOf(named).map(stamp).join(' ')}`;
  };
}

function filesOf({ path, kind, files }: NamedInput): string[] {
  if (isFileInput(kind)) return [path];
  if (kind === 'data-folder')
    return files.flatMap((file) => fittingIn(path, file)).map((file) => join(path, file));
  const names = statSync(path, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(path) : [];
  const read = kind === 'model' ? modelFiles : kind === 'adapter' ? adapterFiles : tokenizerFiles;
  return read(names).map((file) => join(path, file));
}

function stamp(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found ? [found.size, found.mtimeNs, found.ctimeNs, found.ino].join('/') : 'none';
}
