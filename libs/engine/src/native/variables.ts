import { AttrType } from './c-api.js';
import type { OpExecutor, TensorMetadata } from './types.js';

interface Variable {
  resource: number; // the tensor that names it to TensorFlow
  dtype: number;
  value?: number; // a tensor of its value, where it was read since it last changed
}

/** Tensors whose values stand in TensorFlow's variables, so that a step can replace one in its middle and
 *  what nothing reads any more is freed at once. They are read like all others; a value once read stays as it
 *  was. */
export class Variables {
  private readonly held = new Map<number, Variable>();

  constructor(private readonly binding: OpExecutor) {}

  get size(): number {
    return this.held.size;
  }

  /** Moves a tensor's value into a variable; one that stands in one stays there. */
  hold({ id, shape, dtype }: TensorMetadata): void {
    if (this.held.has(id)) return;
    const attrs = [
      { name: 'container', type: AttrType.string, value: '' },
      { name: 'shared_name', type: AttrType.string, value: anonymous },
      { name: 'shape', type: AttrType.shape, value: shape },
      dtypeAttr(dtype),
    ];
    const [resource] = this.binding.executeOp('VarHandleOp', attrs, [], 1);
    this.binding.executeOp('AssignVariableOp', [dtypeAttr(dtype)], [resource!.id, id], 0);
    this.binding.deleteTensor(id);
    this.held.set(id, { resource: resource!.id, dtype });
  }

  /** The tensor that names the variable of tensor `id`, whose value is about to change. Throws where it has
   *  none. */
  toChange(id: number): number {
    const variable = this.held.get(id);
    if (!variable) throw new Error(`tensor ${id} is to change and stands in no variable`);
    this.forget(variable);
    return variable.resource;
  }

  /** A tensor of the value that the variable of tensor `id` has now. */
  valueOf(id: number): number | undefined {
    const variable = this.held.get(id);
    if (!variable) return undefined;
    variable.value ??= this.binding.executeOp(
      'ReadVariableOp',
      [dtypeAttr(variable.dtype)],
      [variable.resource],
      1,
    )[0]!.id;
    return variable.value;
  }

  /** Frees the variable of tensor `id`; false where it has none. */
  delete(id: number): boolean {
    const variable = this.held.get(id);
    if (!variable) return false;
    this.forget(variable);
    this.binding.executeOp('DestroyResourceOp', [], [variable.resource], 0);
    this.binding.deleteTensor(variable.resource);
    return this.held.delete(id);
  }

  private forget(variable: Variable): void {
    if (variable.value !== undefined) this.binding.deleteTensor(variable.value);
    delete variable.value;
  }
}

/** TensorFlow's ResourceHandle::ANONYMOUS_NAME: each gets a variable of its own. */
const anonymous = 'cd2c89b7-88b7-44c8-ad83-06c2a9158347';

const dtypeAttr = (dtype: number) => ({ name: 'dtype', type: AttrType.type, value: dtype });
