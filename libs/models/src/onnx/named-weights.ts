import type { StoredTensor } from '../weights/safetensors.js';
import type { OnnxGraph } from './onnx.js';

/** The weights of a graph that PyTorch's exporter wrote, by the names that the module gave them behind
 *  `prefix`. The exporter keeps names but those of linear maps, whose weights it transposes: x W of a MatMul
 *  is named after the bias that an Add adds to it. W [in, out] becomes [out, in] again. Throws where an
 *  initializer has no name, or two have one. */
export function namedWeights({ nodes, initializers }: OnnxGraph, prefix: string): Map<string, StoredTensor> {
  const addends = new Map(
    nodes
      .filter((n) => n.operation === 'Add')
      .flatMap(({ inputs: [a, b] }) => [
        [a!, b!],
        [b!, a!],
      ]),
  );
  const weights = new Map<string, StoredTensor>();
  const keep = (name: string, tensor: StoredTensor): void => {
    if (!name.startsWith(prefix)) throw new Error(`the initializer ${name} is none of ${prefix}*`);
    const own = name.slice(prefix.length);
    if (weights.has(own)) throw new Error(`two initializers are the weight ${own}`);
    weights.set(own, tensor);
  };
  const maps = new Map(
    nodes.flatMap(({ operation, inputs, outputs }) =>
      operation === 'MatMul' && initializers.has(inputs[1]!) ? [[inputs[1]!, outputs[0]!]] : [],
    ),
  );
  for (const [name, tensor] of initializers) {
    const product = maps.get(name);
    if (product === undefined) {
      keep(name, tensor);
      continue;
    }
    const bias = addends.get(product);
    if (!bias?.endsWith('.bias') || !initializers.has(bias))
      throw new Error(`the linear map of ${name} adds no bias, after which it could be named`);
    keep(bias.replace(/bias$/, 'weight'), transposed(tensor));
  }
  return weights;
}

function transposed({ shape, values }: StoredTensor): StoredTensor {
  const [rows, columns] = shape as [number, number];
  const turned = new Float32Array(values.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) turned[c * rows + r] = values[r * columns + c]!;
  return { shape: [columns, rows], values: turned };
}
