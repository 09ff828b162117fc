import type { Binding } from '../native/binding.js';
import { DataType, type Output, type Pointer } from '../native/c-api.js';
import { int64s, setAttr } from '../native/op-attr.js';
import { castAttrs } from '../native/stored-types.js';
import { listLength } from '../native/op-def.js';
import type { Callee, OpAttr, Origin, TensorMetadata, Trace } from '../native/types.js';
import { TraceGraph } from './trace-graph.js';

/** Ops whose results may lie in the memory of what they are given. */
const viewing = new Set([
  'Reshape',
  'Squeeze',
  'ExpandDims',
  'Identity',
  'Slice',
  'StridedSlice',
  'Split',
  'SplitV',
  'Unpack',
]);

/** Bytes of a constant, at most, for which it is looked up: shapes, axes and numbers. */
const smallConstant = 64;

/** Records ops into a TensorFlow graph without computing anything. Arguments become placeholders, tensors
 *  made on the way constants; any other tensor is refused. What changes nothing, or was recorded before,
 *  takes no node: tfjs reshapes and casts to what is there already, and makes the same shapes and numbers
 *  anew, by the thousand. */
export class Tracer implements Trace {
  private readonly graph: TraceGraph;
  private readonly args: Output[] = [];
  private readonly constants = new Map<string, number>(); // small ones, by type, shape and values
  private readonly shapes = new Map<number, string>(); // what constants say that may be a shape
  // by what is reshaped and the constant that says to what
  private readonly reshapes = new Map<string, TensorMetadata>();
  private readonly casts = new Map<string, number>(); // by what is cast and to what
  private turnedAt = 0; // nodes from here on are of this way, forward or back
  private readonly variables = new Map<number, Output>(); // by the nodes of their values
  // what variables hold once they were changed: what they held before
  private readonly changed = new Map<number, number>();
  private readonly assigned: Pointer[] = []; // ops that run though nothing uses them
  private readonly callees = new Set<Callee>(); // that the graph knows already

  /** `name`: of the function that the graph becomes; `xla`: whether XLA compiles it. */
  constructor(
    private readonly binding: Binding,
    readonly name: string,
    readonly xla: boolean,
  ) {
    this.graph = new TraceGraph(binding);
  }

  get size(): number {
    return this.graph.size;
  }

  argument(shape: number[], dtype: number): TensorMetadata {
    const { api } = this.binding;
    const output = this.graph.operation('Placeholder', (op) => {
      api.TF_SetAttrType(op, 'dtype', dtype);
      api.TF_SetAttrShape(op, 'shape', int64s(shape), shape.length);
    });
    this.args.push(output);
    return this.graph.define(output, { shape, dtype });
  }

  /** An argument that is a variable: the value that it has when the function starts. `assign` and `change`
   *  give it another. */
  variable(shape: number[], dtype: number): TensorMetadata {
    const { api } = this.binding;
    const resource = this.graph.operation('Placeholder', (op) =>
      api.TF_SetAttrType(op, 'dtype', DataType.resource),
    );
    this.args.push(resource);
    return this.readVariable(resource, { shape, dtype });
  }

  private readVariable(
    resource: Output,
    { shape, dtype }: Omit<TensorMetadata, 'id'>,
    after?: Pointer,
  ): TensorMetadata {
    const { api } = this.binding;
    const value = this.graph.operation('ReadVariableOp', (op) => {
      api.TF_AddInput(op, resource);
      api.TF_SetAttrType(op, 'dtype', dtype);
      if (after) api.TF_AddControlInput(op, after);
    });
    const read = this.graph.told(value, { shape, dtype }, 'a variable');
    this.variables.set(read.id, resource);
    return read;
  }

  isVariable(read: number): boolean {
    return this.variables.has(read);
  }

  /** Runs an op that changes variables where they stand, `reads` being what was read of them: its first
   *  inputs are the variables, then come `inputs`. It waits for all that was recorded so far to be done with
   *  their values: then none is copied. Gives what they hold then. */
  change(
    name: string,
    attrs: OpAttr[],
    reads: readonly number[],
    inputs: readonly number[],
  ): TensorMetadata[] {
    const { api } = this.binding;
    const done = new Set(
      reads.flatMap((id) => [this.graph.node(id)!.output.oper, ...this.graph.readersOf(id)]),
    );
    const { oper } = this.graph.operation(name, (op) => {
      for (const id of reads) api.TF_AddInput(op, this.variables.get(id));
      for (const id of inputs) api.TF_AddInput(op, this.graph.output(id, name));
      this.setAttrs(op, name, attrs);
      for (const reader of done) api.TF_AddControlInput(op, reader);
    });
    this.assigned.push(oper);
    return reads.map((id) => {
      const next = this.readVariable(this.variables.get(id)!, this.graph.node(id)!, oper);
      this.changed.set(next.id, this.changed.get(id) ?? id);
      return next;
    });
  }

  /** Gives the variable that `read` was read from its next value, as soon as that is there, unless it was
   *  changed to that before. */
  assign(read: number, next: number): void {
    if (this.changed.get(next) === read) return;
    const { api } = this.binding;
    const { output, dtype } = this.graph.node(read)!;
    const value = this.graph.output(next, 'a variable');
    const { oper } = this.graph.operation('AssignVariableOp', (op) => {
      api.TF_AddInput(op, this.variables.get(read));
      api.TF_AddInput(op, value);
      api.TF_SetAttrType(op, 'dtype', dtype);
      api.TF_AddControlInput(op, output.oper);
    });
    this.assigned.push(oper);
  }

  /** `bytes`: its values as they lie in memory. */
  constant(shape: number[], dtype: number, bytes: Uint8Array): number {
    const key = bytes.length <= smallConstant ? `${dtype}[${shape.join()}] ${bytes.join()}` : undefined;
    const known = key && this.constants.get(key);
    if (known) return known;
    const { api, status } = this.binding;
    const tensor = this.binding.tensorOf(shape, dtype, bytes);
    const asSoonAsMayBe = undefined; // what does not wait may use it too
    const output = this.graph.after(asSoonAsMayBe, () =>
      this.graph.operation('Const', (op) => {
        api.TF_SetAttrTensor(op, 'value', tensor, status);
        api.TF_SetAttrType(op, 'dtype', dtype);
      }),
    );
    api.TF_DeleteTensor(tensor);
    const { id } = this.graph.define(output, { shape, dtype });
    if (key) this.constants.set(key, id);
    if (key && dtype === DataType.int32 && shape.length === 1)
      this.shapes.set(id, new Int32Array(bytes.slice().buffer).join());
    return id;
  }

  record(name: string, attrs: OpAttr[], inputs: number[], outputs: number): TensorMetadata[] {
    const [x, shape] = inputs as [number, number];
    if (name === 'Reshape') return [this.reshaped(attrs, x, shape)];
    const given = this.graph.node(x);
    if (name === 'Cast' && given && attrs.every((a) => a.name === 'Truncate' || a.value === given.dtype))
      return [given];
    return this.recorded(name, attrs, inputs, outputs);
  }

  private reshaped(attrs: OpAttr[], x: number, shape: number): TensorMetadata {
    const node = this.graph.node(x);
    if (node?.origin?.name === 'Reshape') return this.reshaped(attrs, node.origin.inputs[0]!.id, shape);
    if (node?.shape.join() === this.shapes.get(shape)) return node!;
    const key = `${x} ${shape}`;
    const known = this.reshapes.get(key);
    if (known) return known;
    const [made] = this.recorded('Reshape', attrs, [x, shape], 1) as [TensorMetadata];
    if (!this.graph.waits) this.reshapes.set(key, made); // one that waits would keep others waiting
    return made;
  }

  private recorded(name: string, attrs: OpAttr[], inputs: number[], outputs: number): TensorMetadata[] {
    const { api } = this.binding;
    const args = this.graph.argsOf(name);
    const first = this.graph.operation(name, (op) => {
      let next = 0;
      for (const arg of args) {
        const length =
          arg.countedBy === undefined ? 1 : listLength(name, arg.countedBy, attrs, args, inputs.length);
        const list = inputs.slice(next, next + length).map((id) => this.graph.output(id, name));
        next += length;
        if (arg.countedBy === undefined) api.TF_AddInput(op, list[0]);
        else api.TF_AddInputList(op, list, list.length);
      }
      if (next !== inputs.length)
        throw new Error(`${name} takes ${next} inputs and was given ${inputs.length}`);
      const counts = new Set(args.map((a) => a.countedBy)); // set by the list itself
      this.setAttrs(
        op,
        name,
        attrs.filter((attr) => !counts.has(attr.name)),
      );
    });
    const origin = { name, attrs, inputs: inputs.map((id) => this.graph.node(id)!) };
    const made = Array.from({ length: outputs }, (_, index) =>
      this.graph.inferred({ oper: first.oper, index }, origin),
    );
    this.graph.noteReader(first.oper, inputs, viewing.has(name) ? made : []);
    return made;
  }

  /** DataType of a node. */
  typeOf(id: number): number | undefined {
    return this.graph.node(id)?.dtype;
  }

  /** The node's values in another type, cast once for all who ask; what was widened is as it was before. */
  converted(id: number, dtype: number): number {
    const node = this.graph.node(id);
    if (!node || node.dtype === dtype) return id;
    const [before] = node.origin?.name === 'Cast' ? node.origin.inputs : [];
    if (before?.dtype === dtype && dtype === DataType.bfloat16) return before.id;
    const key = `${id} ${dtype}`;
    const known = this.casts.get(key);
    if (known !== undefined) return known;
    const [made] = this.recorded('Cast', castAttrs(node.dtype, dtype), [id], 1) as [TensorMetadata];
    if (!this.graph.waits) this.casts.set(key, made.id); // as for reshapes
    return made.id;
  }

  /** A node of bfloat16 in float, for an op that has these inputs. One that the way forward has kept is
   *  widened on the way back anew, and no sooner than the op's other inputs are there: else it would stand
   *  widened in memory from one way to the other. */
  widenedBeside(id: number, inputs: readonly number[]): number {
    const late = Math.max(...inputs.filter((other) => other !== id && other >= this.turnedAt));
    if (id >= this.turnedAt || late === -Infinity || this.xla) return this.converted(id, DataType.float);
    const key = `${id} back ${this.turnedAt}`;
    const known = this.casts.get(key);
    if (known !== undefined) return known;
    const attrs = castAttrs(DataType.bfloat16, DataType.float);
    const [made] = this.graph.after(late, () => this.recorded('Cast', attrs, [id], 1)) as [TensorMetadata];
    this.casts.set(key, made.id);
    return made.id;
  }

  /** The way back begins, or the next way forward. */
  turn(): void {
    this.turnedAt = this.graph.next;
  }

  /** What made a node; nothing for arguments, constants and results of calls. */
  originOf(id: number): Origin | undefined {
    return this.graph.node(id)?.origin;
  }

  /** What `body` records is computed after the node `id`, as late as if it read it. */
  after<T>(id: number, body: () => T): T {
    return this.graph.after(id, body);
  }

  /** One node that XLA compiles. */
  call(callee: Callee, inputs: readonly TensorMetadata[]): TensorMetadata[] {
    const { api } = this.binding;
    const { name, fn, results } = callee;
    if (!this.callees.has(callee)) this.graph.learn(name, fn);
    this.callees.add(callee);
    const { oper } = this.graph.operation('PartitionedCall', (op) => {
      const list = inputs.map(({ id }) => this.graph.output(id, name));
      api.TF_AddInputList(op, list, list.length);
      const types = (tensors: readonly Omit<TensorMetadata, 'id'>[]) =>
        Int32Array.from(tensors, (t) => t.dtype);
      api.TF_SetAttrTypeList(op, 'Tin', types(inputs), inputs.length);
      api.TF_SetAttrTypeList(op, 'Tout', types(results), results.length);
      api.TF_SetAttrFuncName(op, 'f', name, Buffer.byteLength(name));
      api.TF_SetAttrBool(op, '_XlaMustCompile', 1);
    });
    const read = inputs.map(({ id }) => id);
    this.graph.noteReader(oper, read);
    // a call infers no shapes
    return results.map((result, index) => this.graph.told({ oper, index }, result, name));
  }

  /** Turns what was recorded into a function of the context. The caller frees what it is given with
   *  TF_DeleteFunction. */
  finish(results: readonly number[]): Pointer {
    const { api, status, context } = this.binding;
    const { name } = this;
    const made = results.map((id) => {
      const source = this.graph.output(id, 'the result');
      // an argument may be a result, and twice
      return this.graph.operation('Identity', (op) => api.TF_AddInput(op, source));
    });
    const f = this.graph.toFunction(name, this.args, made, this.assigned);
    if (this.xla) {
      const yes = Uint8Array.from([0x28, 1]); // AttrValue { b: true }
      api.TF_FunctionSetAttrValueProto(f, '_XlaMustCompile', yes, yes.length, status);
    }
    api.TFE_ContextAddFunction(context, f, status);
    this.binding.check(`adding ${name}`);
    return f;
  }

  dispose(): void {
    this.graph.dispose();
  }

  private setAttrs(op: Pointer, opName: string, attrs: readonly OpAttr[]): void {
    const { api, status } = this.binding;
    for (const attr of attrs) setAttr(api, 'TF_SetAttr', op, { opName, attr, status });
  }
}
