import * as tf from '@tensorflow/tfjs';
import { createHash } from 'node:crypto';
import { isNative, nativeBackend } from '../native/backend.js';
import type { Precision } from '#contracts/precision.js';
import { DataType } from '../native/c-api.js';
import { inPrecision } from '../native/precision.js';
import type { TensorMetadata } from '../native/types.js';
import { measuredXla, rememberedXla } from './faster.js';
import { Tracer } from './tracer.js';

export type Tensors = Record<string, tf.Tensor>;

/** Everything a step may use. What changes between steps must be in here: a step is traced once and then only
 *  replayed. */
export interface StepArguments {
  frozen: Tensors; // weights that stay
  constants: Tensors; // masks and the like
  state: Tensors; // parameters, optimizer state
  batch: Tensors;
  scalars: Tensors; // learning rates, step number, seeds
}

export interface StepResult {
  state: Tensors;
  outputs: Tensors;
}

export type StepFunction = (args: StepArguments) => StepResult;

export interface StepOptions {
  xla?: boolean | 'measure';
  precision?: Precision; // of its products; absent: float32
}

interface Compiled {
  name: string;
  xla: boolean;
  outputs: { group: keyof StepResult; key: string; metadata: Omit<TensorMetadata, 'id'> }[];
}

const groups = ['frozen', 'constants', 'state', 'batch', 'scalars'] as const;
const functionNames = new Map<string, number>();

/** A pure function of tensors, traced into one TensorFlow function per signature of its arguments' names,
 *  shapes and types, and compiled by XLA where that is told or measured to be faster. On tfjs's JavaScript
 *  backend it simply runs. PEFTGRID_STEP overrules all: `eager` runs it op by op, `graph` leaves XLA out,
 *  `xla` compiles everything. */
export class Step {
  compileSeconds = 0;
  private readonly compiled = new Map<string, Compiled>();

  constructor(
    readonly name: string,
    private readonly fn: StepFunction,
    private readonly options: StepOptions = {},
  ) {}

  /** The caller owns the tensors returned and keeps those it passed. */
  run(args: StepArguments): StepResult {
    return this.call(args, false);
  }

  /** Runs a step that gives a next value for all of its state, and leaves that in `args.state`, whose tensors
   *  it takes over. On a CPU they stand in variables that change while the step runs, so that old and new
   *  state are not in memory side by side; tensors made of them before stay as they were. Gives the outputs,
   *  which the caller owns. Where it throws, the state is to be disposed of. */
  advance(args: StepArguments): Tensors {
    const { state } = args;
    const inPlace = !runsEagerly() && this.told === false && !nativeBackend().native.isUsingGpuDevice();
    if (inPlace) for (const [key, tensor] of Object.entries(state)) state[key] = nativeBackend().held(tensor);
    const result = this.call(args, inPlace);
    if (!inPlace) {
      const kept = new Set(Object.values(result.state));
      tf.dispose(Object.values(state).filter((t) => !kept.has(t)));
      Object.assign(state, result.state);
    }
    return result.outputs;
  }

  /** `inPlace`: state stands in variables, and none is returned. */
  private call(args: StepArguments, inPlace: boolean): StepResult {
    if (runsEagerly()) return this.runEagerly(args);
    const tensors = groups.flatMap((group) =>
      Object.entries(args[group]).map(([key, tensor]) => ({ group, key, tensor })),
    );
    const backend = nativeBackend();
    const typeOf = (tensor: tf.Tensor) => (backend.isNarrow(tensor) ? 'bfloat16' : tensor.dtype);
    const described = tensors.map(
      ({ group, key, tensor }) => `${group}.${key}:${typeOf(tensor)}[${tensor.shape.join()}]`,
    );
    const how = [...(inPlace ? ['in place'] : []), ...(this.precision === 'float32' ? [] : [this.precision])];
    const signature = [...described, ...how].join(' ');
    const ids = backend.ids(tensors.map((t) => t.tensor));
    const known = this.compiled.get(signature);
    const start = performance.now();
    const compiled = known ?? this.prepare(signature, args, ids, inPlace);
    const changed = new Set(inPlace ? backend.ids(Object.values(args.state)) : []);
    if (inPlace && changed.size < Object.keys(args.state).length)
      throw new Error(`${this.name}: two of its state are one tensor`);
    const results = execute(compiled, ids, changed);
    const result: StepResult = { state: {}, outputs: {} };
    compiled.outputs.forEach((o, i) => (result[o.group][o.key] = backend.tensorOf(results[i]!)));
    if (!known) this.compileSeconds += (performance.now() - start) / 1e3;
    return result;
  }

  /** Runs the function op by op; what `run` computes, without tracing. */
  runEagerly(args: StepArguments): StepResult {
    return tf.tidy(() => {
      const { state, outputs } = this.computed(args);
      return { state: { ...state }, outputs: { ...outputs } } as never;
    }) as StepResult;
  }

  private get precision(): Precision {
    return this.options.precision ?? 'float32';
  }

  private computed(args: StepArguments): StepResult {
    if (this.precision !== 'float32' && !isNative())
      throw new Error(
        `${this.name}: products in ${this.precision} need the native library, and tfjs's own backend has no such type`,
      );
    return inPrecision(this.precision, () => this.fn(args));
  }

  /** Number of signatures compiled so far. */
  get signatures(): number {
    return this.compiled.size;
  }

  /** Frees the compiled functions. */
  dispose(): void {
    for (const compiled of this.compiled.values()) remove(compiled);
    this.compiled.clear();
  }

  private prepare(signature: string, args: StepArguments, ids: number[], inPlace: boolean): Compiled {
    const compiled = inPlace
      ? this.trace(signature, args, { xla: false, inPlace })
      : this.asFaster(signature, args, ids);
    this.compiled.set(signature, compiled);
    return compiled;
  }

  /** Whether XLA compiles the step; 'measure': where it is measured to be faster. */
  private get told(): boolean | 'measure' {
    const forced = process.env['PEFTGRID_STEP'];
    return forced === 'graph' || forced === 'xla' ? forced === 'xla' : (this.options.xla ?? 'measure');
  }

  private asFaster(signature: string, args: StepArguments, ids: number[]): Compiled {
    if (this.told !== 'measure') return this.trace(signature, args, { xla: this.told });
    const key = `${this.name} ${signature}`;
    const remembered = rememberedXla(key);
    if (remembered !== undefined) return this.trace(signature, args, { xla: remembered });
    const [graph, xla] = [false, true].map((xla) => this.trace(signature, args, { xla })) as [
      Compiled,
      Compiled,
    ];
    const chosen = measuredXla(key, (useXla) => runOnce(useXla ? xla : graph, ids));
    remove(chosen ? graph : xla);
    return chosen ? xla : graph;
  }

  private trace(
    signature: string,
    args: StepArguments,
    { xla, inPlace = false }: { xla: boolean; inPlace?: boolean },
  ): Compiled {
    const backend = nativeBackend();
    const binding = backend.native;
    if (binding.tracer) throw new Error(`${this.name} was run inside another step's trace`);
    const tracer = new Tracer(binding, uniqueName(`${this.name}${xla ? '' : ' graph'}`, signature), xla);
    binding.tracer = tracer;
    try {
      const { outputs, ids } = backend.whileTracing(
        () => tf.tidy(() => this.record(tracer, args, inPlace)) as never,
      ) as {
        outputs: Compiled['outputs'];
        ids: number[];
      };
      binding.api.TF_DeleteFunction(tracer.finish(ids));
      return { name: tracer.name, xla, outputs };
    } finally {
      binding.tracer = undefined;
      tracer.dispose();
    }
  }

  private record(
    tracer: Tracer,
    args: StepArguments,
    inPlace: boolean,
  ): { outputs: Compiled['outputs']; ids: number[] } {
    const backend = nativeBackend();
    const symbolic = (group: keyof StepArguments): Tensors =>
      Object.fromEntries(
        Object.entries(args[group]).map(([key, tensor]) => {
          const kind = inPlace && group === 'state' ? 'variable' : 'argument';
          const { shape, dtype } = tensor;
          const stored = backend.isNarrow(tensor) ? DataType.bfloat16 : backend.getDTypeInteger(dtype);
          return [key, backend.tensorOf(tracer[kind](shape, stored))];
        }),
      );
    const inside = Object.fromEntries(groups.map((g) => [g, symbolic(g)])) as unknown as StepArguments;
    const result = this.computed(inside);
    if (inPlace) this.assign(tracer, inside.state, result.state);
    const outputs: Compiled['outputs'] = [];
    const tensors: tf.Tensor[] = [];
    for (const group of inPlace ? (['outputs'] as const) : (['state', 'outputs'] as const)) {
      for (const [key, tensor] of Object.entries(result[group])) {
        outputs.push({
          group,
          key,
          metadata: { shape: tensor.shape, dtype: backend.getDTypeInteger(tensor.dtype) },
        });
        tensors.push(tensor);
      }
    }
    return { outputs, ids: backend.ids(tensors).map((id) => backend.native.widened(id)) };
  }

  private assign(tracer: Tracer, state: Tensors, next: Tensors): void {
    const [before, after] = [state, next].map((tensors) => Object.keys(tensors).toSorted().join(', '));
    if (before !== after)
      throw new Error(`${this.name} is to change its state (${before}) and gives ${after || 'none'}`);
    for (const [key, tensor] of Object.entries(state)) {
      const { shape } = next[key]!;
      if (`${shape}` !== `${tensor.shape}`)
        throw new Error(
          `${this.name}: the next ${key} has shape [${shape.join(', ')}] and not [${tensor.shape.join(', ')}]`,
        );
      const [read, value] = nativeBackend().ids([tensor, next[key]!]) as [number, number];
      if (read !== value) tracer.assign(read, nativeBackend().native.widened(value));
    }
  }
}

const runsEagerly = (): boolean => !isNative() || process.env['PEFTGRID_STEP'] === 'eager';

function execute(
  { name, xla, outputs }: Compiled,
  ids: number[],
  changed: ReadonlySet<number> = new Set(),
): TensorMetadata[] {
  return nativeBackend().native.callFunction(
    name,
    ids,
    outputs.map((o) => o.metadata),
    { xla, changed },
  );
}

/** Runs a step, waits for it and drops what it gives. */
function runOnce(compiled: Compiled, ids: number[]): void {
  const { native } = nativeBackend();
  const results = execute(compiled, ids);
  const size = ({ shape }: TensorMetadata) => shape.reduce((a, b) => a * b, 1);
  const smallest = results.toSorted((a, b) => size(a) - size(b))[0];
  if (smallest) native.tensorDataSync(smallest.id);
  for (const { id } of results) native.deleteTensor(id);
}

function remove({ name }: Compiled): void {
  const { api, context, status } = nativeBackend().native;
  api.TFE_ContextRemoveFunction(context, name, status);
}

/** The same in every process, so that XLA finds what it compiled before on disk; told apart only where a
 *  process needs it twice. */
function uniqueName(name: string, signature: string): string {
  const base = `${name.replaceAll(/[^A-Za-z0-9]/g, '_')}_${createHash('sha256').update(signature).digest('hex').slice(0, 12)}`;
  const used = functionNames.get(base) ?? 0;
  functionNames.set(base, used + 1);
  return used === 0 ? base : `${base}_${used}`;
}
