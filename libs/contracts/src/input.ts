import { z } from 'zod';

/** What a trial reads: rows of a task, lines of text, a folder of a task's files, a model, a tokenizer, an
 *  adapter's folder, a file of a prompt. */
export const InputKind = z.enum(['data', 'text', 'data-folder', 'model', 'tokenizer', 'adapter', 'prompt']);
export type InputKind = z.infer<typeof InputKind>;

/** Whether an input is one file; else it is a folder. */
export const isFileInput = (kind: InputKind): boolean =>
  kind === 'data' || kind === 'text' || kind === 'prompt';

export const mostFiles = 10_000; // of one input

const Hash = z.string().regex(/^[0-9a-f]{64}$/, 'expected a sha256 in hexadecimal');

const inside = (path: string): boolean =>
  path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

/** One file of an input, by its content. */
export const InputFile = z.strictObject({
  path: z
    .string()
    .min(1)
    .max(1000)
    .refine((p) => inside(p) && !p.includes('\0'), 'expected a path below its folder, with "/"'),
  hash: Hash,
  bytes: z.int().min(0),
});
export type InputFile = z.infer<typeof InputFile>;

/** A file or folder that a trial reads, known by its content. A file has one entry, its own name; a folder
 *  those that are read of it. */
export const Input = z.strictObject({
  path: z.string().min(1).max(4000), // as the configs name it, for people
  kind: InputKind,
  files: z.array(InputFile).min(1).max(mostFiles), // in the order of their paths
});
export type Input = z.infer<typeof Input>;

/** An input of one trial, as the database keeps it. */
export const TrialInput = Input.extend({
  hash: Hash, // of a file its content's, of a folder over the paths and hashes of its files
  bytes: z.int().min(0),
  /** Who gave it: the client with what it submitted, or the server's operator, who declared the root that it
   *  lies below. */
  origin: z.enum(['client', 'root']),
  /** Where it is read: out of the store, or where it lies, verified before each use. */
  place: z.enum(['store', 'root']),
});
export type TrialInput = z.infer<typeof TrialInput>;

/** An input on the machine that trains. */
export const LocalInput = z.strictObject({
  path: z.string(), // as the config names it
  kind: InputKind,
  hash: Hash, // that it must have
  files: z.array(InputFile),
  local: z.string(), // where it lies
  quotable: z.boolean(), // whether messages may show what stands in it
});
export type LocalInput = z.infer<typeof LocalInput>;

/** What a client would submit. */
export const InputsQuery = z.strictObject({
  inputs: z.array(Input).max(10_000).default([]),
  // that are named, and are not on the client's machine
  paths: z.array(z.string().min(1).max(4000)).max(10_000).default([]),
});
export type InputsQuery = z.infer<typeof InputsQuery>;

export const MissingInputs = z.object({
  missing: z.array(z.object({ hash: Hash, bytes: z.int() })), // to be uploaded first
  mostBytes: z.int(), // of one file
  there: z.array(z.string()), // of `paths`: those that lie below a root of the server
});
export type MissingInputs = z.infer<typeof MissingInputs>;
