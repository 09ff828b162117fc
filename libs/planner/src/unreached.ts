import { families } from '#contracts/family.js';
import type { Method } from '#contracts/method.js';
import type { GridIssue } from './grid-error.js';

export type Family = 'bert' | 'mpnet' | 't5' | 'llama';

export interface Depth {
  family: Family;
  layers: number; // of each stack
}

/** What of a named backbone a method names and it has not: layers, and modules by the ends of their names. A
 *  folder's modules are looked at where it is trained. */
export function unreached(method: Method, of: Depth, backbone: string): GridIssue[] {
  const has = `and ${backbone} has ${of.layers}`;
  if (method.name === 'top-layers' && method.layers > of.layers)
    return [{ path: 'method.layers', message: `${method.layers} layers, ${has}` }];
  if (method.name === 'p-tuning-v2' && method.layers && method.layers[1] >= of.layers)
    return [
      { path: 'method.layers', message: `[${method.layers.join(', ')}], ${has}: 0 to ${of.layers - 1}` },
    ];
  if ('targets' in method && method.targets)
    return lost('method.targets', method.targets, linearNames(of), backbone);
  if (method.name === 'bitfit' && method.terms)
    return lost('method.terms', method.terms, [...linearNames(of), ...normNames(of)], backbone);
  return [];
}

function lost(
  path: string,
  ends: readonly string[],
  names: readonly string[],
  backbone: string,
): GridIssue[] {
  const known = [...new Set(names.map((name) => name.split('.').at(-1)!))].join(', ');
  return ends
    .filter((end) => !names.some((name) => `.${name}`.endsWith(`.${end}`)))
    .map((end) => ({
      path,
      message: `"${end}" is the end of no module of ${backbone}; their names end with ${known}`,
    }));
}

/** Every linear map of a backbone, by its name in the weights' file. */
export function linearNames({ family, layers }: Depth): string[] {
  return inLayers(layers, linears[family]);
}

/** Its LayerNorms with a bias. */
export function normNames({ family, layers }: Depth): string[] {
  if (!families[family].layerNorms) return [];
  const attention = family === 'bert' ? 'attention.output.LayerNorm' : 'attention.LayerNorm';
  return [
    'embeddings.LayerNorm',
    ...inLayers(layers, under('encoder.layer.#', attention, 'output.LayerNorm')),
  ];
}

const inLayers = (layers: number, names: readonly string[]): string[] =>
  Array.from({ length: layers }, (_, layer) => names.map((name) => name.replace('#', String(layer)))).flat();

const under = (at: string, ...names: string[]): string[] => names.map((name) => `${at}.${name}`);

const linears: Record<Family, string[]> = {
  bert: [
    ...under('encoder.layer.#.attention.self', 'query', 'key', 'value'),
    ...under('encoder.layer.#', 'attention.output.dense', 'intermediate.dense', 'output.dense'),
  ],
  mpnet: [
    ...under('encoder.layer.#.attention.attn', 'q', 'k', 'v', 'o'),
    ...under('encoder.layer.#', 'intermediate.dense', 'output.dense'),
  ],
  llama: [
    ...under('model.layers.#.self_attn', 'q_proj', 'k_proj', 'v_proj', 'o_proj'),
    ...under('model.layers.#.mlp', 'gate_proj', 'up_proj', 'down_proj'),
  ],
  t5: [
    ...under('encoder.block.#.layer.0.SelfAttention', 'q', 'k', 'v', 'o'),
    ...under('encoder.block.#.layer.1.DenseReluDense', 'wi_0', 'wi_1', 'wo'),
    ...under('decoder.block.#.layer.0.SelfAttention', 'q', 'k', 'v', 'o'),
    ...under('decoder.block.#.layer.1.EncDecAttention', 'q', 'k', 'v', 'o'),
    ...under('decoder.block.#.layer.2.DenseReluDense', 'wi_0', 'wi_1', 'wo'),
  ],
};
