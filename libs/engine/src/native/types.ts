/** What the binding, the tracer and the ops tell each other. */
import type { Pointer } from './c-api.js';

/** An attribute of a TensorFlow op. */
export interface OpAttr {
  name: string;
  type: number;
  value: boolean | number | object | string | number[];
}

export interface TensorMetadata {
  id: number;
  shape: number[];
  dtype: number;
}

/** Ids from here on name graph nodes of a trace instead of tensors. */
export const FIRST_SYMBOLIC_ID = 2 ** 40;

/** The op that made a node. */
export interface Origin {
  name: string;
  attrs: readonly OpAttr[];
  inputs: readonly TensorMetadata[];
}

/** A function of the context that a graph may call. */
export interface Callee {
  name: string;
  fn: Pointer;
  groups: readonly string[];
  results: readonly (Omit<TensorMetadata, 'id'> & { group: string; key: string })[];
}

/** A step being traced, as ops see it: `Tracer` says what each does. */
export interface Trace {
  readonly xla: boolean;
  readonly size: number;
  constant(shape: number[], dtype: number, bytes: Uint8Array): number;
  record(name: string, attrs: OpAttr[], inputs: number[], outputs: number): TensorMetadata[];
  isVariable(read: number): boolean;
  change(
    name: string,
    attrs: OpAttr[],
    reads: readonly number[],
    inputs: readonly number[],
  ): TensorMetadata[];
  typeOf(id: number): number | undefined;
  converted(id: number, dtype: number): number;
  widenedBeside(id: number, inputs: readonly number[]): number;
  turn(): void;
  originOf(id: number): Origin | undefined;
  after<T>(id: number, body: () => T): T;
  call(callee: Callee, inputs: readonly TensorMetadata[]): TensorMetadata[];
}

/** What runs ops at once. */
export interface OpExecutor {
  executeOp(name: string, attrs: OpAttr[], inputs: number[], outputs: number): TensorMetadata[];
  deleteTensor(id: number): void;
}
