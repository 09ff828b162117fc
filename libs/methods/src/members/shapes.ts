/** Shapes of what one member trains. An axis that a size knob sizes says so: from it follow padding and its
 *  way back. */

/** A size of one member's own: in a gang it is padded, in front, to the largest. */
export interface SizedAxis<Knob extends string = string> {
  knob: Knob;
  size: number;
}

export type Axis<Knob extends string = string> = number | SizedAxis<Knob>;

/** By tensor name, in the order of the parameters. */
export type Shapes<Knob extends string = string> = Readonly<Record<string, readonly Axis<Knob>[]>>;

/** What each size knob is padded to in a gang. All axes of one knob have one size. */
export type PaddedSizes<Knob extends string = string> = Readonly<Record<Knob, number>>;

export const sizedBy = <Knob extends string>(knob: Knob, size: number): SizedAxis<Knob> => ({ knob, size });

export const sizeOf = (axis: Axis): number => (typeof axis === 'number' ? axis : axis.size);

export const sizesOf = (shape: readonly Axis[]): number[] => shape.map(sizeOf);

/** Scalars of one tensor. */
export const scalarsOf = (shape: readonly Axis[]): number =>
  shape.reduce<number>((product, axis) => product * sizeOf(axis), 1);

/** Scalars in tensors of these shapes. */
export const countOf = (shapes: Shapes): number =>
  Object.values(shapes).reduce((sum, shape) => sum + scalarsOf(shape), 0);
