import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { PeftgridClient } from '#contracts/client.js';
import type { CreateExperiment } from '#contracts/grid.js';
import type { Input, MissingInputs } from '#contracts/input.js';
import { inputsOf, type NamedInput } from '#contracts/inputs-of.js';
import type { TrialConfig } from '#contracts/trial.js';
import { peftgridHome } from '#engine/install/library.js';
import { FileHashes } from '#inputs/file-hashes.js';
import { inputAt, placeOf as placeOfFile } from '#inputs/read-inputs.js';
import { GridError, type GridIssue } from '#planner/grid-error.js';
import { placeOf } from '#planner/places.js';
import type { ResolvedCell } from '#planner/planned.js';
import { connect, type Server } from './connect.js';
import { Failure } from './failure.js';
import type { GridFile } from './grid-file.js';
import { say } from './output.js';

/** What a grid file's trials read, as far as it lies on this machine. */
export interface FoundInputs {
  inputs: Input[];
  absent: { path: string; issue: GridIssue }[]; // the server may have it below a root
}

/** The files and folders that a grid file names, hashed. Throws GridError by knob for what is there and
 *  cannot be read. */
export async function inputsHere({ request, cells }: GridFile): Promise<FoundInputs> {
  const hashes = FileHashes.of(peftgridHome());
  const named = new Map<string, { named: NamedInput; knob: string; cell: ResolvedCell }>();
  for (const cell of cells) {
    for (const input of inputsOf(cell.config)) {
      const key = JSON.stringify([input.kind, input.path, input.files]);
      if (!named.has(key)) named.set(key, { named: input, knob: placeOf(request, cell, input.knob), cell });
    }
  }
  const [inputs, absent, issues] = [new Map<string, Input>(), [] as FoundInputs['absent'], [] as GridIssue[]];
  for (const { named: input, knob, cell } of named.values()) {
    try {
      const read = await inputAt(input, hashes);
      const key = `${read.kind} ${read.path}`;
      inputs.set(key, { ...read, files: joined(inputs.get(key)?.files, read.files) });
    } catch (error) {
      const { code, message, path: at } = error as NodeJS.ErrnoException;
      const gone = code === 'ENOENT' || code === 'ENOTDIR';
      const issue = {
        path: knob,
        message: gone
          ? `${at ?? input.path} does not exist on this machine; ${expected(input)}${withoutTask(cell, cells)}`
          : message,
      };
      if (gone) absent.push({ path: input.path, issue });
      else issues.push(issue);
    }
  }
  if (issues.length) throw new GridError([...absent.map((a) => a.issue), ...issues]);
  return { inputs: [...inputs.values()], absent };
}

const expected = ({ kind, files }: NamedInput): string => {
  if (kind === 'model') return 'expected the folder of a model';
  if (kind === 'tokenizer') return 'expected the folder of a tokenizer, or the name of a backbone';
  if (kind === 'adapter') return 'expected an adapter’s folder';
  if (kind === 'prompt') return 'expected a file of a prompt';
  return files.length ? `expected a folder with ${files.join(', ')}` : 'expected a data file';
};

/** How a grid leaves out one of several tasks of a benchmark; empty where it has that one alone. */
function withoutTask({ grid, config }: ResolvedCell, cells: readonly ResolvedCell[]): string {
  const own = datasetOf(config);
  if (own === null) return '';
  const others = cells.some((cell) => cell.grid === grid && ![own, null].includes(datasetOf(cell.config)));
  return others ? `; to leave this task out: exclude: [{ task.dataset: ${own} }]` : '';
}

const datasetOf = (config: TrialConfig): string | null =>
  'task' in config && 'dataset' in config.task ? config.task.dataset : null;

/** Files of several tasks in one folder. */
function joined(before: Input['files'] = [], more: Input['files']): Input['files'] {
  return [...new Map([...before, ...more].map((f) => [f.path, f])).values()].toSorted((a, b) =>
    a.path < b.path ? -1 : 1,
  );
}

/** Throws GridError where something is not on this machine: there is no server to have it. */
export function refuseAbsent({ absent }: FoundInputs): void {
  if (absent.length) throw new GridError(absent.map((a) => a.issue));
}

/** The server. Where there is none, what is absent here is said instead. */
export async function connectWith(found: FoundInputs): Promise<Server> {
  return connect().catch((error: unknown) => {
    refuseAbsent(found);
    throw error;
  });
}

/** The inputs as the server is to know them. Throws GridError for what neither has. */
export async function known(client: PeftgridClient, { inputs, absent }: FoundInputs): Promise<Input[]> {
  if (absent.length) await missing(client, { inputs: [], absent });
  return inputs;
}

async function missing(client: PeftgridClient, { inputs, absent }: FoundInputs): Promise<MissingInputs> {
  const answer = await client.missingInputs({ inputs, paths: absent.map((a) => a.path) });
  const nowhere = absent.filter((a) => !answer.there.includes(a.path));
  if (nowhere.length)
    throw new GridError(
      nowhere.map(({ issue }) => ({ ...issue, message: `${issue.message}; nor below a root of the server` })),
    );
  return answer;
}

/** The request with its inputs, once the server has all of them. */
export async function sent(
  client: PeftgridClient,
  request: CreateExperiment,
  found: FoundInputs,
): Promise<CreateExperiment> {
  if (found.inputs.length === 0 && found.absent.length === 0) return request;
  const { missing: lacking, mostBytes } = await missing(client, found);
  const files = found.inputs.flatMap(({ path, kind, files }) =>
    files.map((f) => ({ ...f, at: placeOfFile(path, kind, f.path) })),
  );
  const wanted = lacking.map(({ hash }) => files.find((f) => f.hash === hash)!);
  const large = wanted.find((f) => f.bytes > mostBytes);
  if (large)
    throw new Failure(
      `${large.at} has ${mega(large.bytes)} MB, and the server takes files of at most ${mega(mostBytes)} MB: set its PEFTGRID_UPLOAD_MB, or have it read the folder where it lies, below one that PEFTGRID_ROOTS names`,
    );
  for (const { hash, at, bytes } of wanted) {
    if (bytes > saidFrom) say(`sending ${at} (${mega(bytes)} MB) …`);
    await upload(client, { hash, at });
  }
  return { ...request, inputs: found.inputs };
}

async function upload(client: PeftgridClient, { hash, at }: { hash: string; at: string }): Promise<void> {
  try {
    await client.uploadInput(hash, Readable.toWeb(createReadStream(at)) as ReadableStream<Uint8Array>);
  } catch (error) {
    const now = await FileHashes.of(peftgridHome()).hashOf(at).catch(() => null); // prettier-ignore
    if (now?.hash === hash) throw error;
    throw new Failure(`${at} changed while it was sent; submit it again`, [], { cause: error });
  }
}

const saidFrom = 10e6; // bytes
const mega = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e6 ? 3 : 0);
