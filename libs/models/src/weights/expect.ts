import type { StoredTensor } from './safetensors.js';
import { floatTypes } from './safetensors-types.js';

/** Throws one Error that lists every tensor that is missing, not known, no float, or of another shape than
 *  the config asks for. */
export function expectTensors(
  folder: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  expected: Readonly<Record<string, readonly number[]>>,
  mayBeThere: (name: string) => boolean = () => false,
): void {
  const problems: string[] = [];
  for (const [name, shape] of Object.entries(expected)) {
    const found = tensors.get(name);
    if (!found) problems.push(`${name} [${shape.join(', ')}] is missing`);
    else if (found.shape.join() !== shape.join())
      problems.push(`${name} is [${found.shape.join(', ')}], expected [${shape.join(', ')}]`);
    else if (found.type !== undefined && !floatTypes.includes(found.type))
      problems.push(`${name} is of type ${found.type}, expected ${floatTypes.join(', ')}`);
  }
  for (const name of tensors.keys())
    if (!(name in expected) && !mayBeThere(name)) problems.push(`${name} is not part of this model`);
  if (problems.length === 0) return;
  const shown = problems.slice(0, 12).join('; ');
  const more = problems.length > 12 ? ` and ${problems.length - 12} more` : '';
  throw new Error(`the weights in ${folder} do not fit its config.json: ${shown}${more}`);
}
