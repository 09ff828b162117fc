import type { LinearMap, Modules, Sublayer } from '../modules.js';
import { inputMaps } from './feed-forward.js';
import { decoderLayers, type T5Config } from './t5-config.js';

export function t5Modules(c: T5Config, stacks: 'both' | 'encoder' = 'both'): Modules {
  const modules: Modules = { linears: [], sublayers: [], attentions: [], norms: [] };
  for (let layer = 0; layer < c.num_layers; layer++) addBlock(modules, c, 'encoder', layer);
  if (stacks === 'encoder') return modules;
  for (let layer = 0; layer < decoderLayers(c); layer++) addBlock(modules, c, 'decoder', layer);
  return modules;
}

function addBlock(modules: Modules, c: T5Config, stack: 'encoder' | 'decoder', layer: number): void {
  const kinds: Sublayer['kind'][] =
    stack === 'encoder' ? ['self', 'feed-forward'] : ['self', 'cross', 'feed-forward'];
  kinds.forEach((kind, i) => {
    const name = `${stack}.block.${layer}.layer.${i}`;
    modules.sublayers.push({ stack, layer, name, kind });
    if (kind === 'feed-forward')
      modules.linears.push(...feedForwardMaps(c, `${name}.DenseReluDense`, { stack, layer }));
    else {
      const at = kind === 'self' ? 'SelfAttention' : 'EncDecAttention';
      modules.linears.push(...attentionMaps(c, `${name}.${at}`, { stack, layer }));
      modules.attentions.push({ stack, layer, kind, heads: c.num_heads, dHead: c.d_kv });
    }
  });
}

type Place = Pick<LinearMap, 'stack' | 'layer'>;

function attentionMaps(c: T5Config, at: string, place: Place): LinearMap[] {
  const inner = c.num_heads * c.d_kv;
  const into = { ...place, inputs: c.d_model, outputs: inner, bias: false };
  return [
    { ...into, name: `${at}.q`, role: 'query' },
    { ...into, name: `${at}.k`, role: 'key' },
    { ...into, name: `${at}.v`, role: 'value' },
    { ...into, name: `${at}.o`, inputs: inner, outputs: c.d_model, role: 'attention-output' },
  ];
}

function feedForwardMaps(c: T5Config, at: string, place: Place): LinearMap[] {
  const into = {
    ...place,
    inputs: c.d_model,
    outputs: c.d_ff,
    bias: false,
    role: 'feed-forward-input',
  } as const;
  return [
    ...inputMaps(c.feed_forward_proj).map((name) => ({ ...into, name: `${at}.${name}` })),
    {
      ...place,
      name: `${at}.wo`,
      inputs: c.d_ff,
      outputs: c.d_model,
      bias: false,
      role: 'feed-forward-output',
    },
  ];
}
