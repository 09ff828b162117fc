import type { CreateExperiment } from '#contracts/grid.js';
import type { Input, InputFile } from '#contracts/input.js';
import { inputsOf, type NamedInput } from '#contracts/inputs-of.js';
import type { KeptPlace } from '#artifacts/place.js';
import { hasContent, putFile, type Store } from '#artifacts/store.js';
import type { FileHashes } from '#inputs/file-hashes.js';
import { inputAt, placeOf as placeOfFile } from '#inputs/read-inputs.js';
import { Addresses, type GivenInput } from '#planner/addresses.js';
import { GridError, type GridIssue } from '#planner/grid-error.js';
import { placeOf } from '#planner/places.js';
import type { ResolvedCell } from '#planner/planned.js';
import { inTurns } from '#tasks/reading/in-turns.js';
import type { Roots } from './roots.js';

export interface InputServices {
  store: Store<KeptPlace>;
  roots: Roots;
  hashes: FileHashes;
  mostBytes: number; // of one file that is uploaded, or copied from below a root
}

/** Every file and folder that the cells name, by content: as the client gave them, or else from below a root.
 *  Throws GridError for what is neither, by knob. `stored`: what the client gave must be in the store by now,
 *  or lie below a root as it is. */
export async function givenInputs(
  { cells, request }: { cells: readonly ResolvedCell[]; request: CreateExperiment },
  services: InputServices,
  { stored }: { stored: boolean },
): Promise<GivenInput[]> {
  const given = new Addresses(request.inputs);
  const inputs: GivenInput[] = [];
  const issues: GridIssue[] = [];
  for (const { cell, named } of await inTurns(namedBy(cells))) {
    const path = placeOf(request, cell, named.knob);
    const own = given.find(named);
    const taken = own
      ? await placedInput({ ...own, files: [...own.files] }, services, stored)
      : await rootInput(named, services);
    if (typeof taken === 'string') issues.push({ path, message: taken });
    else inputs.push(taken);
  }
  if (issues.length) throw new GridError(issues);
  return merged(inputs);
}

export interface Named {
  cell: ResolvedCell;
  named: NamedInput;
}

/** What the cells name, each once, with the first cell that does. */
export function* namedBy(cells: readonly ResolvedCell[]): Generator<void, Named[]> {
  const found = new Map<string, Named>();
  for (const cell of cells) {
    yield;
    for (const named of inputsOf(cell.config)) {
      const key = JSON.stringify([named.path, named.kind, named.files]);
      if (!found.has(key)) found.set(key, { cell, named });
    }
  }
  return [...found.values()];
}

/** A folder of several tasks is one input with all their files. */
function merged(inputs: readonly GivenInput[]): GivenInput[] {
  const whole = new Map<string, GivenInput>();
  for (const input of inputs) {
    const key = `${input.kind} ${input.path}`;
    const files = new Map([...(whole.get(key)?.files ?? []), ...input.files].map((f) => [f.path, f]));
    whole.set(key, { ...input, files: [...files.values()] });
  }
  return [...whole.values()];
}

async function placedInput(
  input: Input,
  services: InputServices,
  stored: boolean,
): Promise<GivenInput | string> {
  if (!stored) return { ...input, origin: 'client', place: 'store' };
  const lacking = await missingFiles(input, services);
  if (lacking.length === 0) return { ...input, origin: 'client', place: 'store' };
  if (await liesBelowRoot(input, services)) return { ...input, origin: 'client', place: 'root' };
  return `${input.path} is not there yet: ${lacking.length} of its files are to be uploaded first (PUT /api/inputs/${lacking[0]!.hash})`;
}

/** What of an input the store lacks. */
export async function missingFiles(
  { files }: Pick<Input, 'files'>,
  { store }: InputServices,
): Promise<InputFile[]> {
  const there = await Promise.all(files.map((file) => hasContent(store, file)));
  return files.filter((_, i) => !there[i]);
}

/** Whether a model or tokenizer lies below a root with just this content: it is then read there. Data always
 *  travels. */
export async function liesBelowRoot(
  { path, kind, files }: Input,
  { roots, hashes }: InputServices,
): Promise<boolean> {
  if (kind !== 'model' && kind !== 'tokenizer') return false;
  for (const { path: file, hash } of files) {
    const at = await roots.reach(placeOfFile(path, kind, file));
    const found = at && (await hashes.hashOf(at).catch(() => null));
    if (!found || found.hash !== hash) return false;
  }
  return true;
}

/** Read from below a root, or a sentence on why not. It quotes nothing of the file. */
async function rootInput(
  named: NamedInput,
  { roots, hashes, store, mostBytes }: InputServices,
): Promise<GivenInput | string> {
  const { path, kind } = named;
  const opened = async (file: string): Promise<string> => {
    const at = await roots.reach(file);
    if (at === null) throw new Unreachable(file);
    return at;
  };
  try {
    const input = await inputAt(named, hashes, opened);
    if (kind === 'model' || kind === 'tokenizer') return { ...input, origin: 'root', place: 'root' };
    const large = input.files.find((file) => file.bytes > mostBytes);
    if (large)
      return `${path} has ${mega(large.bytes)} MB; at most ${mega(mostBytes)} are taken (PEFTGRID_UPLOAD_MB)`;
    const files: InputFile[] = [];
    for (const file of input.files)
      files.push({
        path: file.path,
        ...(await putFile(store, await opened(placeOfFile(path, kind, file.path)))),
      });
    return { ...input, files, origin: 'root', place: 'store' };
  } catch (error) {
    if (error instanceof Unreachable)
      return `${error.message} was not sent along, and is no file or folder below a root of the server; use ./peftgrid submit, which sends it, or have the operator declare a folder above it (PEFTGRID_ROOTS)`;
    const { code, message } = error as NodeJS.ErrnoException;
    return code ? `${path} can't be read on the server (${code})` : message;
  }
}

class Unreachable extends Error {}

export const mega = (bytes: number): string => String(Math.ceil(bytes / 1e6));
