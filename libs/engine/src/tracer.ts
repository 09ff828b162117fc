import { AttrType, DataType, type Output, type Pointer } from './c-api.js';
import { type Binding, FIRST_SYMBOLIC_ID, int64s, type OpAttr, type TensorMetadata } from './binding.js';
import { type InputArg, inputArgs } from './op-def.js';

interface Node extends TensorMetadata {
  output: Output;
  origin?: Origin;
  readBy: { op: Pointer; views: readonly number[] }[]; // views: nodes over the same memory
}

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

/** Ops whose results may lie in the memory of what they are given. */
const viewing = new Set(['Reshape', 'Squeeze', 'ExpandDims', 'Identity', 'Slice', 'StridedSlice', 'Split', 'SplitV', 'Unpack']);

// Counted over all traces: a node of one graph that is used in another is then found out.
let nextId = FIRST_SYMBOLIC_ID;

/** Records ops into a TensorFlow graph without computing anything: shapes and types come from the graph's shape inference.
 *  Arguments become placeholders, tensors made on the way constants; any other tensor is refused. */
export class Tracer {
  private readonly graph: Pointer;
  private readonly nodes = new Map<number, Node>();
  private readonly args: Output[] = [];
  private readonly variables = new Map<number, Output>(); // by the nodes of their values
  private readonly changed = new Map<number, number>(); // what variables hold once they were changed: what they held before
  private readonly assigned: Pointer[] = []; // ops that run though nothing uses them
  private readonly callees = new Set<Callee>(); // that the graph knows already
  private readonly opArgs = new Map<string, InputArg[]>();
  private awaited: Output | undefined; // what nodes wait for that need none of its values
  private count = 0;

  /** `name`: of the function that the graph becomes; `xla`: whether XLA compiles it. */
  constructor(
    private readonly binding: Binding,
    readonly name: string,
    readonly xla: boolean,
  ) {
    this.graph = binding.api.TF_NewGraph() as Pointer;
  }

  get size(): number {
    return this.count;
  }

  argument(shape: number[], dtype: number): TensorMetadata {
    const { api } = this.binding;
    const output = this.node('Placeholder', (op) => {
      api.TF_SetAttrType(op, 'dtype', dtype);
      api.TF_SetAttrShape(op, 'shape', int64s(shape), shape.length);
    });
    this.args.push(output);
    return this.define(output, shape, dtype);
  }

  /** An argument that is a variable: the value that it has when the function starts. `assign` and `change` give it another. */
  variable(shape: number[], dtype: number): TensorMetadata {
    const { api } = this.binding;
    const resource = this.node('Placeholder', (op) => api.TF_SetAttrType(op, 'dtype', DataType.resource));
    this.args.push(resource);
    return this.readVariable(resource, { shape, dtype });
  }

  private readVariable(resource: Output, { shape, dtype }: Omit<TensorMetadata, 'id'>, after?: Pointer): TensorMetadata {
    const { api, status } = this.binding;
    const value = this.node('ReadVariableOp', (op) => {
      api.TF_AddInput(op, resource);
      api.TF_SetAttrType(op, 'dtype', dtype);
      if (after) api.TF_AddControlInput(op, after);
    });
    api.TF_GraphSetTensorShape(this.graph, value, int64s(shape), shape.length, status); // a placeholder for a variable tells none
    this.binding.check('the shape of a variable');
    const read = this.define(value, shape, dtype);
    this.variables.set(read.id, resource);
    return read;
  }

  isVariable(read: number): boolean {
    return this.variables.has(read);
  }

  /** Runs an op that changes variables where they stand, `reads` being what was read of them: its first inputs are the variables, then come
   *  `inputs`. It waits for all that was recorded so far to be done with their values: then none is copied. Gives what they hold then. */
  change(name: string, attrs: OpAttr[], reads: readonly number[], inputs: readonly number[]): TensorMetadata[] {
    const { api } = this.binding;
    const done = new Set(reads.flatMap((id) => [this.nodes.get(id)!.output.oper, ...this.readersOf(id)]));
    const { oper } = this.node(name, (op) => {
      for (const id of reads) api.TF_AddInput(op, this.variables.get(id));
      for (const id of inputs) api.TF_AddInput(op, this.output(id, name));
      for (const attr of attrs) this.setAttr(op, name, attr);
      for (const reader of done) api.TF_AddControlInput(op, reader);
    });
    this.assigned.push(oper);
    return reads.map((id) => {
      const next = this.readVariable(this.variables.get(id)!, this.nodes.get(id)!, oper);
      this.changed.set(next.id, this.changed.get(id) ?? id);
      return next;
    });
  }

  /** All ops that hold the memory of a node while they run. */
  private readersOf(id: number): Pointer[] {
    return this.nodes.get(id)!.readBy.flatMap(({ op, views }) => [op, ...views.flatMap((view) => this.readersOf(view))]);
  }

  /** Gives the variable that `read` was read from its next value, as soon as that is there, unless it was changed to that before. */
  assign(read: number, next: number): void {
    if (this.changed.get(next) === read) return;
    const { api } = this.binding;
    const { output, dtype } = this.nodes.get(read)!;
    const value = this.output(next, 'a variable');
    const { oper } = this.node('AssignVariableOp', (op) => {
      api.TF_AddInput(op, this.variables.get(read));
      api.TF_AddInput(op, value);
      api.TF_SetAttrType(op, 'dtype', dtype);
      api.TF_AddControlInput(op, output.oper);
    });
    this.assigned.push(oper);
  }

  constant(tensor: Pointer, shape: number[], dtype: number): number {
    const { api, status } = this.binding;
    const output = this.node('Const', (op) => {
      api.TF_SetAttrTensor(op, 'value', tensor, status);
      api.TF_SetAttrType(op, 'dtype', dtype);
    });
    api.TF_DeleteTensor(tensor);
    return this.define(output, shape, dtype).id;
  }

  record(name: string, attrs: OpAttr[], inputs: number[], outputs: number): TensorMetadata[] {
    const { api } = this.binding;
    const args = this.argsOf(name);
    const first = this.node(name, (op) => {
      let next = 0;
      for (const arg of args) {
        const length = arg.countedBy === undefined ? 1 : listLength(name, arg.countedBy, attrs, args, inputs.length);
        const list = inputs.slice(next, next + length).map((id) => this.output(id, name));
        next += length;
        if (arg.countedBy === undefined) api.TF_AddInput(op, list[0]);
        else api.TF_AddInputList(op, list, list.length);
      }
      if (next !== inputs.length) throw new Error(`${name} takes ${next} inputs and was given ${inputs.length}`);
      const counts = new Set(args.map((a) => a.countedBy)); // set by the list itself
      for (const attr of attrs) if (!counts.has(attr.name)) this.setAttr(op, name, attr);
    });
    const origin = { name, attrs, inputs: inputs.map((id) => this.nodes.get(id)!) };
    const made = Array.from({ length: outputs }, (_, index) => this.inferred(origin, { oper: first.oper, index }));
    this.noteReader(first.oper, inputs, viewing.has(name) ? made : []);
    return made;
  }

  /** What made a node; nothing for arguments, constants and results of calls. */
  originOf(id: number): Origin | undefined {
    return this.nodes.get(id)?.origin;
  }

  /** What `body` records is computed after the node `id`, as late as if it read it. */
  after<T>(id: number, body: () => T): T {
    const before = this.awaited;
    this.awaited = this.output(id, 'what waits');
    try {
      return body();
    } finally {
      this.awaited = before;
    }
  }

  /** One node that XLA compiles. */
  call(callee: Callee, inputs: readonly TensorMetadata[]): TensorMetadata[] {
    const { api, status } = this.binding;
    const { name, results } = callee;
    if (!this.callees.has(callee)) {
      api.TF_GraphCopyFunction(this.graph, callee.fn, null, status);
      this.binding.check(`copying ${name}`);
      this.callees.add(callee);
    }
    const { oper } = this.node('PartitionedCall', (op) => {
      const list = inputs.map(({ id }) => this.output(id, name));
      api.TF_AddInputList(op, list, list.length);
      const types = (tensors: readonly Omit<TensorMetadata, 'id'>[]) => Int32Array.from(tensors, (t) => t.dtype);
      api.TF_SetAttrTypeList(op, 'Tin', types(inputs), inputs.length);
      api.TF_SetAttrTypeList(op, 'Tout', types(results), results.length);
      api.TF_SetAttrFuncName(op, 'f', name, Buffer.byteLength(name));
      api.TF_SetAttrBool(op, '_XlaMustCompile', 1);
    });
    this.noteReader(
      oper,
      inputs.map(({ id }) => id),
    );
    return results.map(({ shape, dtype }, index) => {
      const output = { oper, index };
      api.TF_GraphSetTensorShape(this.graph, output, int64s(shape), shape.length, status); // a call infers none
      this.binding.check(`the shape of ${name}`);
      return this.define(output, shape, dtype);
    });
  }

  /** Turns what was recorded into a function of the context. The caller frees what it is given with TF_DeleteFunction. */
  finish(results: readonly number[]): Pointer {
    const { api, status, context } = this.binding;
    const { name, xla } = this;
    const outputs = results.map((id) => {
      const source = this.output(id, 'the result');
      return this.node('Identity', (op) => api.TF_AddInput(op, source)); // an argument may be a result, and twice
    });
    const { args, graph, assigned } = this;
    const wholeGraph = [-1, null];
    const given = [args.length, args];
    const made = [outputs.length, outputs, null];
    const alsoRun = [assigned.length, assigned, null];
    const f = api.TF_GraphToFunctionWithControlOutputs(
      graph,
      name,
      0,
      ...wholeGraph,
      ...given,
      ...made,
      ...alsoRun,
      null,
      null,
      status,
    );
    this.binding.check(`building ${name}`);
    if (xla) {
      const yes = Uint8Array.from([0x28, 1]); // AttrValue { b: true }
      api.TF_FunctionSetAttrValueProto(f, '_XlaMustCompile', yes, yes.length, status);
    }
    api.TFE_ContextAddFunction(context, f, status);
    this.binding.check(`adding ${name}`);
    return f;
  }

  dispose(): void {
    this.binding.api.TF_DeleteGraph(this.graph);
  }

  private output(id: number, user: string): Output {
    const node = this.nodes.get(id);
    if (node) return node.output;
    if (id >= FIRST_SYMBOLIC_ID) throw new Error(`${user} uses a tensor of another trace: pass it as an input`);
    const { shape } = this.binding.metadata(id);
    throw new Error(
      `${user} uses a tensor of shape [${shape.join(', ')}] that is neither an argument of the step nor made in it: pass it as one`,
    );
  }

  private node(type: string, fill: (op: Pointer) => void): Output {
    const { api, status } = this.binding;
    const op = api.TF_NewOperation(this.graph, type, `${type}_${this.count++}`) as Pointer;
    fill(op);
    if (this.awaited) api.TF_AddControlInput(op, this.awaited.oper);
    const oper = api.TF_FinishOperation(op, status) as Pointer;
    this.binding.check(`tracing ${type}`);
    return { oper, index: 0 };
  }

  private inferred(origin: Origin, output: Output): TensorMetadata {
    const { name } = origin;
    const { api, status } = this.binding;
    const rank = api.TF_GraphGetTensorNumDims(this.graph, output, status) as number;
    const dims = new BigInt64Array(Math.max(rank, 0));
    if (rank > 0) api.TF_GraphGetTensorShape(this.graph, output, dims, rank, status);
    this.binding.check(`the shape of ${name}`);
    const shape = Array.from(dims, Number);
    if (rank < 0 || shape.some((d) => d < 0))
      throw new Error(`the shape of ${name}'s result depends on values, so it cannot be traced`);
    return this.define(output, shape, api.TF_OperationOutputType(output) as number, origin);
  }

  private noteReader(op: Pointer, inputs: readonly number[], views: readonly TensorMetadata[] = []): void {
    for (const id of inputs) this.nodes.get(id)!.readBy.push({ op, views: views.map((v) => v.id) });
  }

  private define(output: Output, shape: number[], dtype: number, origin?: Origin): TensorMetadata {
    const node = { id: nextId++, shape, dtype, output, readBy: [], ...(origin && { origin }) };
    this.nodes.set(node.id, node);
    return { id: node.id, shape, dtype };
  }

  private argsOf(name: string): InputArg[] {
    let args = this.opArgs.get(name);
    if (!args) {
      const { api, status } = this.binding;
      const buffer = api.TF_NewBuffer() as Pointer;
      api.TF_GraphGetOpDef(this.graph, name, buffer, status);
      this.binding.check(`the op ${name}`);
      args = inputArgs(api.bufferBytes(buffer));
      api.TF_DeleteBuffer(buffer);
      this.opArgs.set(name, args);
    }
    return args;
  }

  private setAttr(op: Pointer, opName: string, { name, type, value }: OpAttr): void {
    const { api } = this.binding;
    if (type === AttrType.type) api.TF_SetAttrType(op, name, value);
    else if (type === AttrType.bool) api.TF_SetAttrBool(op, name, value ? 1 : 0);
    else if (type === AttrType.float) api.TF_SetAttrFloat(op, name, value);
    else if (type === AttrType.string) api.TF_SetAttrString(op, name, value, Buffer.byteLength(value as string));
    else if (type === AttrType.shape) api.TF_SetAttrShape(op, name, int64s(value as number[]), (value as number[]).length);
    else if (type === AttrType.int && Array.isArray(value)) api.TF_SetAttrIntList(op, name, int64s(value), value.length);
    else if (type === AttrType.int) api.TF_SetAttrInt(op, name, value);
    else throw new Error(`${opName}: attribute ${name} has the unknown type ${type}`);
  }
}

/** Length of a list input: its counting attribute, or, where that was left out, all inputs that no other argument takes. */
function listLength(op: string, countedBy: string, attrs: OpAttr[], args: InputArg[], inputs: number): number {
  const count = attrs.find((a) => a.name === countedBy)?.value;
  if (typeof count === 'number') return count;
  const lists = args.filter((a) => a.countedBy !== undefined);
  if (lists.length !== 1) throw new Error(`${op}: the lengths of its list inputs are not told`);
  return inputs - (args.length - 1);
}
