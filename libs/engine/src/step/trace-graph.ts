import type { Binding } from '../native/binding.js';
import type { Output, Pointer } from '../native/c-api.js';
import { int64s } from '../native/op-attr.js';
import { type InputArg, inputArgs } from '../native/op-def.js';
import { FIRST_SYMBOLIC_ID, type Origin, type TensorMetadata } from '../native/types.js';

interface Node extends TensorMetadata {
  output: Output;
  origin?: Origin;
  readBy: { op: Pointer; views: readonly number[] }[]; // views: nodes over the same memory
}

// Counted over all graphs: a node of one that is used in another is then found out.
let nextId = FIRST_SYMBOLIC_ID;

/** A TensorFlow graph in the making: its operations, and by number what they give, with shapes and types as
 *  TensorFlow infers them. */
export class TraceGraph {
  private readonly graph: Pointer;
  private readonly nodes = new Map<number, Node>();
  private readonly opArgs = new Map<string, InputArg[]>();
  private awaited: Output | undefined; // what operations wait for that need none of its values
  private count = 0;

  constructor(private readonly binding: Binding) {
    this.graph = binding.api.TF_NewGraph() as Pointer;
  }

  /** Operations so far. */
  get size(): number {
    return this.count;
  }

  /** Ids of nodes from here on are of this and those that follow. */
  get next(): number {
    return nextId;
  }

  /** Whether operations wait for a node that they need no value of. */
  get waits(): boolean {
    return this.awaited !== undefined;
  }

  /** A new operation, whose inputs and attributes `fill` gives. Its first output. */
  operation(type: string, fill: (op: Pointer) => void): Output {
    const { api, status } = this.binding;
    const op = api.TF_NewOperation(this.graph, type, `${type}_${this.count++}`) as Pointer;
    fill(op);
    if (this.awaited) api.TF_AddControlInput(op, this.awaited.oper);
    const oper = api.TF_FinishOperation(op, status) as Pointer;
    this.binding.check(`tracing ${type}`);
    return { oper, index: 0 };
  }

  /** A node of known shape and type. */
  define(output: Output, { shape, dtype }: Omit<TensorMetadata, 'id'>, origin?: Origin): TensorMetadata {
    const node = { id: nextId++, shape, dtype, output, readBy: [], ...(origin && { origin }) };
    this.nodes.set(node.id, node);
    return { id: node.id, shape, dtype };
  }

  /** A node whose shape TensorFlow can not infer and is told. */
  told(output: Output, as: Omit<TensorMetadata, 'id'>, what: string): TensorMetadata {
    const { api, status } = this.binding;
    api.TF_GraphSetTensorShape(this.graph, output, int64s(as.shape), as.shape.length, status);
    this.binding.check(`the shape of ${what}`);
    return this.define(output, as);
  }

  /** A node whose shape and type TensorFlow infers. Throws where they depend on values. */
  inferred(output: Output, origin: Origin): TensorMetadata {
    const { name } = origin;
    const { api, status } = this.binding;
    const rank = api.TF_GraphGetTensorNumDims(this.graph, output, status) as number;
    const dims = new BigInt64Array(Math.max(rank, 0));
    if (rank > 0) api.TF_GraphGetTensorShape(this.graph, output, dims, rank, status);
    this.binding.check(`the shape of ${name}`);
    const shape = Array.from(dims, Number);
    if (rank < 0 || shape.some((d) => d < 0))
      throw new Error(`the shape of ${name}'s result depends on values, so it cannot be traced`);
    return this.define(output, { shape, dtype: api.TF_OperationOutputType(output) as number }, origin);
  }

  node(id: number): Readonly<Node> | undefined {
    return this.nodes.get(id);
  }

  /** Throws where the node is none of this graph, naming who wanted it. */
  output(id: number, user: string): Output {
    const node = this.nodes.get(id);
    if (node) return node.output;
    if (id >= FIRST_SYMBOLIC_ID)
      throw new Error(`${user} uses a tensor of another trace: pass it as an input`);
    const { shape } = this.binding.metadata(id);
    throw new Error(
      `${user} uses a tensor of shape [${shape.join(', ')}] that is neither an argument of the step nor made in it: pass it as one`,
    );
  }

  /** The operations that `body` adds come after the node `id`, as late as if they read it; where there is
   *  none, as early as they can. */
  after<T>(id: number | undefined, body: () => T): T {
    const before = this.awaited;
    this.awaited = id === undefined ? undefined : this.output(id, 'what waits');
    try {
      return body();
    } finally {
      this.awaited = before;
    }
  }

  /** That `op` reads nodes, and gives `views` over their memory. */
  noteReader(op: Pointer, inputs: readonly number[], views: readonly TensorMetadata[] = []): void {
    for (const id of inputs) this.nodes.get(id)!.readBy.push({ op, views: views.map((v) => v.id) });
  }

  /** All operations that hold the memory of a node while they run. */
  readersOf(id: number): Pointer[] {
    return this.nodes
      .get(id)!
      .readBy.flatMap(({ op, views }) => [op, ...views.flatMap((view) => this.readersOf(view))]);
  }

  /** The inputs that an op takes. */
  argsOf(name: string): InputArg[] {
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

  /** Makes a function known to the graph, so that operations may call it. */
  learn(name: string, fn: Pointer): void {
    const { api, status } = this.binding;
    api.TF_GraphCopyFunction(this.graph, fn, null, status);
    this.binding.check(`copying ${name}`);
  }

  /** The graph as a function, which also runs operations of whose results there is no need. The caller frees
   *  it with TF_DeleteFunction. */
  toFunction(
    name: string,
    given: readonly Output[],
    made: readonly Output[],
    alsoRun: readonly Pointer[],
  ): Pointer {
    const { api, status } = this.binding;
    const wholeGraph = [-1, null];
    const inputs = [given.length, given];
    const outputs = [made.length, made, null];
    const controls = [alsoRun.length, alsoRun, null];
    const f = api.TF_GraphToFunctionWithControlOutputs(
      this.graph,
      name,
      0,
      ...wholeGraph,
      ...inputs,
      ...outputs,
      ...controls,
      null,
      null,
      status,
    );
    this.binding.check(`building ${name}`);
    return f;
  }

  dispose(): void {
    this.binding.api.TF_DeleteGraph(this.graph);
  }
}
