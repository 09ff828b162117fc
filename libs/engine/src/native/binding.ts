import { AttrType, type CApi, DataType, type Pointer } from './c-api.js';
import { int64s, setAttr } from './op-attr.js';
import type { HeldSignals } from './signals.js';
import { castAttrs, typedOp, widenedBytes } from './stored-types.js';
import { FIRST_SYMBOLIC_ID, type OpAttr, type OpExecutor, type TensorMetadata, type Trace } from './types.js';
import { Variables } from './variables.js';

/** tfjs-node's TFJSBinding over TensorFlow's C API: the numbers its kernels know tensors by, and the
 *  execution of one op. While `tracer` is set, ops are recorded into a graph and nothing is computed. */
export class Binding implements OpExecutor {
  readonly TF_FLOAT = DataType.float;
  readonly TF_INT32 = DataType.int32;
  readonly TF_INT64 = DataType.int64;
  readonly TF_BOOL = DataType.bool;
  readonly TF_COMPLEX64 = DataType.complex64;
  readonly TF_STRING = DataType.string;
  readonly TF_RESOURCE = 20;
  readonly TF_UINT8 = DataType.uint8;
  readonly TF_ATTR_STRING = AttrType.string;
  readonly TF_ATTR_INT = AttrType.int;
  readonly TF_ATTR_FLOAT = AttrType.float;
  readonly TF_ATTR_BOOL = AttrType.bool;
  readonly TF_ATTR_TYPE = AttrType.type;
  readonly TF_ATTR_SHAPE = AttrType.shape;
  readonly TF_ATTR_RESOURCE = 6;
  readonly TF_Version: string;

  tracer: Trace | undefined;
  readonly status: Pointer;
  readonly variables = new Variables(this);
  private readonly handles = new Map<number, Pointer>();
  private readonly narrow = new Set<number>(); // tensors stored in bfloat16
  private nextId = 1;

  constructor(
    readonly api: CApi,
    readonly context: Pointer,
    private readonly gpu: boolean,
    private readonly signals: HeldSignals,
  ) {
    this.status = api.TF_NewStatus();
    this.TF_Version = api.TF_Version() as string;
  }

  isUsingGpuDevice(): boolean {
    return this.gpu;
  }

  getNumOfTensors(): number {
    return this.handles.size; // a variable's: the one that names it
  }

  /** Throws TensorFlow's own message, headed by what was tried. */
  check(what: string): void {
    if (this.api.TF_GetCode(this.status) !== 0)
      throw new Error(`${what}: ${this.api.TF_Message(this.status) as string}`);
  }

  createTensor(shape: number[], dtype: number, values: ArrayLike<number>): number {
    if (this.tracer) return this.tracer.constant(shape, dtype, packed(dtype, values));
    const tensor = this.hostTensor(shape, dtype, values);
    const handle = this.api.TFE_NewTensorHandle(tensor, this.status) as Pointer;
    this.api.TF_DeleteTensor(tensor);
    this.check(`a tensor of shape [${shape.join(', ')}]`);
    return this.adopt(handle, dtype);
  }

  deleteTensor(id: number): void {
    if (id >= FIRST_SYMBOLIC_ID) return; // graph nodes go with their graph
    if (this.variables.delete(id)) return;
    const handle = this.handles.get(id);
    if (handle === undefined) throw new Error(`tensor ${id} was deleted before`);
    this.api.TFE_DeleteTensorHandle(handle);
    this.handles.delete(id);
    this.narrow.delete(id);
  }

  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array {
    if (id >= FIRST_SYMBOLIC_ID)
      throw new Error(
        'a value was read while a step is traced: what depends on values belongs outside the step',
      );
    const handle = this.handle(id);
    const tensor = this.api.TFE_TensorHandleResolve(handle, this.status) as Pointer;
    this.check('reading a tensor');
    try {
      const length = Number(this.api.TF_TensorByteSize(tensor));
      const copy = new Uint8Array(length);
      if (length > 0) copy.set(this.api.bytes(this.api.TF_TensorData(tensor), length));
      return typed(copy.buffer, this.api.TFE_TensorHandleDataType(handle) as number);
    } finally {
      this.api.TF_DeleteTensor(tensor);
    }
  }

  executeOp(name: string, attrs: OpAttr[], inputs: number[], outputs: number): TensorMetadata[] {
    const made: number[] = [];
    const widened = (id: number): number => {
      const wide = this.tracer?.widenedBeside(id, inputs) ?? this.converted(id, DataType.float);
      made.push(wide);
      return wide;
    };
    const typed = typedOp(name, { attrs, inputs }, { typeOf: (id) => this.typeOf(id), widened });
    try {
      if (this.tracer) return this.tracer.record(name, typed.attrs, typed.inputs, outputs);
      return this.executed(name, typed.attrs, typed.inputs, outputs);
    } finally {
      for (const id of made) this.deleteTensor(id);
    }
  }

  /** A tensor of the same values in `dtype` (float or bfloat16): itself where it is stored so. Outside a
   *  trace another one is the caller's. */
  converted(id: number, dtype: number): number {
    if (this.tracer) return this.tracer.converted(id, dtype);
    const from = this.typeOf(id);
    return from === dtype ? id : this.executed('Cast', castAttrs(from, dtype), [id], 1)[0]!.id;
  }

  /** The same in float where it is stored in bfloat16; any other tensor is itself. */
  widened(id: number): number {
    return this.typeOf(id) === DataType.bfloat16 ? this.converted(id, DataType.float) : id;
  }

  /** DataType of a tensor that tfjs calls float32, as far as it is told apart: float stands for all that is
   *  not bfloat16. */
  private typeOf(id: number): number {
    if (this.tracer) return this.tracer.typeOf(id) ?? DataType.float;
    return this.narrow.has(id) ? DataType.bfloat16 : DataType.float;
  }

  private executed(name: string, attrs: OpAttr[], inputs: number[], outputs: number): TensorMetadata[] {
    const op = this.api.TFE_NewOp(this.context, name, this.status) as Pointer;
    this.check(name);
    try {
      for (const id of inputs) this.api.TFE_OpAddInput(op, this.handle(id), this.status);
      this.check(`${name}, its inputs`);
      for (const attr of attrs) {
        setAttr(this.api, 'TFE_OpSetAttr', op, { opName: name, attr, status: this.status });
        this.check(`${name}, attribute ${attr.name}`);
      }
      return this.execute(op, name, outputs).map((handle) => this.described(handle));
    } finally {
      this.api.TFE_DeleteOp(op);
    }
  }

  /** Runs a function added to the context; shapes and types of its outputs are known from its trace.
   *  `changed`: inputs whose variables it is given in place of their values. */
  callFunction(
    name: string,
    inputs: number[],
    outputs: readonly Omit<TensorMetadata, 'id'>[],
    { xla, changed = new Set() }: { xla: boolean; changed?: ReadonlySet<number> },
  ): TensorMetadata[] {
    const given = inputs.map((id) => this.handle(changed.has(id) ? this.variables.toChange(id) : id));
    const op = this.api.TFE_NewOp(this.context, name, this.status) as Pointer;
    this.check(name);
    try {
      for (const handle of given) this.api.TFE_OpAddInput(op, handle, this.status);
      this.check(`${name}, its inputs`);
      if (xla) this.api.TFE_OpSetAttrBool(op, '_XlaMustCompile', 1);
      const handles = this.execute(op, name, outputs.length);
      return outputs.map((output, i) => ({ ...output, id: this.adopt(handles[i], output.dtype) }));
    } finally {
      this.api.TFE_DeleteOp(op);
    }
  }

  /** A TF_Tensor holding a copy of `values`; the caller deletes it. */
  hostTensor(shape: number[], dtype: number, values: ArrayLike<number>): Pointer {
    return this.tensorOf(shape, dtype, packed(dtype, values));
  }

  /** The same of values as they lie in memory. */
  tensorOf(shape: number[], dtype: number, bytes: Uint8Array): Pointer {
    const tensor = this.api.TF_AllocateTensor(
      dtype,
      int64s(shape),
      shape.length,
      bytes.byteLength,
    ) as Pointer;
    if (bytes.byteLength > 0) this.api.bytes(this.api.TF_TensorData(tensor), bytes.byteLength).set(bytes);
    return tensor;
  }

  /** Shape and type of a tensor that exists. */
  metadata(id: number): TensorMetadata {
    return { ...this.describe(this.handle(id)), id };
  }

  private handle(id: number): Pointer {
    const handle = this.handles.get(this.variables.valueOf(id) ?? id);
    if (handle === undefined) throw new Error(`tensor ${id} was deleted before it was used`);
    return handle;
  }

  private adopt(handle: Pointer, dtype?: number): number {
    const id = this.nextId++;
    this.handles.set(id, handle);
    if (dtype === DataType.bfloat16) this.narrow.add(id);
    return id;
  }

  private described(handle: Pointer): TensorMetadata {
    const description = this.describe(handle);
    return { ...description, id: this.adopt(handle, description.dtype) };
  }

  private execute(op: Pointer, name: string, outputs: number): Pointer[] {
    const handles = new Array<Pointer>(outputs).fill(null);
    this.signals.during(() => this.api.TFE_Execute(op, handles, [outputs], this.status));
    this.check(name);
    return handles;
  }

  private describe(handle: Pointer): Omit<TensorMetadata, 'id'> {
    const rank = this.api.TFE_TensorHandleNumDims(handle, this.status) as number;
    const shape = Array.from({ length: rank }, (_, i) =>
      Number(this.api.TFE_TensorHandleDim(handle, i, this.status)),
    );
    return { shape, dtype: this.api.TFE_TensorHandleDataType(handle) as number };
  }
}

function packed(dtype: number, values: ArrayLike<number>): Uint8Array {
  const view = (a: ArrayBufferView) => new Uint8Array(a.buffer as ArrayBuffer, a.byteOffset, a.byteLength);
  switch (dtype) {
    case DataType.float:
    case DataType.complex64:
      return view(values instanceof Float32Array ? values : Float32Array.from(values));
    case DataType.int32:
      return view(values instanceof Int32Array ? values : Int32Array.from(values));
    case DataType.int64:
      return view(BigInt64Array.from(Array.from(values), BigInt));
    case DataType.bfloat16:
      return view(values as Uint16Array); // as narrowHalves gives it
    case DataType.bool:
    case DataType.uint8:
      return view(values instanceof Uint8Array ? values : Uint8Array.from(values));
    default:
      throw new Error(`tensors of TensorFlow type ${dtype} cannot be made from JavaScript values`);
  }
}

function typed(buffer: ArrayBuffer, dtype: number): Float32Array | Int32Array | Uint8Array {
  switch (dtype) {
    case DataType.float:
    case DataType.complex64:
      return new Float32Array(buffer);
    case DataType.bfloat16:
      return widenedBytes(buffer);
    case DataType.int32:
      return new Int32Array(buffer);
    case DataType.int64:
      return Int32Array.from(new BigInt64Array(buffer), Number);
    case DataType.bool:
    case DataType.uint8:
      return new Uint8Array(buffer);
    default:
      throw new Error(`tensors of TensorFlow type ${dtype} cannot be read into JavaScript`);
  }
}
