import type { Backbone } from '#contracts/backbone.js';
import { filesOfPatterns } from '#contracts/file-patterns.js';
import type { InputFile, InputKind, TrialInput } from '#contracts/input.js';
import { hashOfInput } from '#contracts/input-hash.js';
import { backboneWithPaths, inputsOf, type NamedInput, withPaths } from '#contracts/inputs-of.js';
import type { TrialConfig } from '#contracts/trial.js';

/** An input of a submission. A client says what it holds; where it comes from the server decides, `client`
 *  and `store` where absent. */
export interface GivenInput {
  path: string;
  kind: InputKind;
  files: readonly InputFile[];
  origin?: TrialInput['origin'];
  place?: TrialInput['place'];
}

/** The inputs of a submission by path and kind, and with them the content that stands for each path of a
 *  config. */
export class Addresses {
  private readonly given = new Map<string, GivenInput>();

  constructor(inputs: readonly GivenInput[]) {
    for (const input of inputs) this.given.set(nameOf(input), input);
  }

  /** What a config names, by content; null where it was not given, or lacks a file that is read of it. */
  find({ path, kind, files }: NamedInput): TrialInput | null {
    const input = this.given.get(nameOf({ path, kind }));
    if (!input) return null;
    const names = input.files.map((file) => file.path);
    if (!files.every((pattern) => filesOfPatterns([pattern], names).length > 0)) return null;
    const read = files.length
      ? input.files.filter(({ path: name }) => filesOfPatterns(files, [name]).length > 0)
      : input.files;
    const own = read.toSorted((a, b) => (a.path < b.path ? -1 : 1));
    const { origin = 'client', place = 'store' } = input;
    return {
      path,
      kind,
      files: own,
      hash: hashOfInput(kind, own),
      bytes: own.reduce((n, f) => n + f.bytes, 0),
      origin,
      place,
    };
  }

  /** A trial's inputs, each once. Those that were not given are left out. */
  inputs(config: TrialConfig): TrialInput[] {
    const found = inputsOf(config).map(
      (named) => [nameOf(named) + named.files.join(), this.find(named)] as const,
    );
    return [...new Map(found.filter(([, input]) => input !== null)).values()] as TrialInput[];
  }

  /** The config with contents instead of paths: what decides how a trial trains. A path that was not given
   *  stands for itself. */
  addressed<C extends TrialConfig>(config: C): C {
    return this.given.size ? withPaths(config, this.addressOf) : config;
  }

  addressedBackbone(backbone: Backbone): Backbone {
    return this.given.size ? backboneWithPaths(backbone, this.addressOf) : backbone;
  }

  private readonly addressOf = (named: NamedInput): string => {
    const input = this.find(named);
    return input ? addressOf(input) : named.path;
  };
}

const nameOf = ({ path, kind }: { path: string; kind: InputKind }): string => `${kind} ${path}`;

/** A content's address. Rows are read as the file's ending says, so that it is part of theirs. */
export function addressOf({ kind, hash, path }: { kind: InputKind; hash: string; path: string }): string {
  const ending = kind === 'data' || kind === 'prompt' ? (/\.[^./\\]*$/.exec(path)?.[0] ?? '') : '';
  return `sha256:${hash}${ending}`;
}
