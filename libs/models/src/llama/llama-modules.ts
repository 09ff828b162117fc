import type { Modules } from '../modules.js';
import { type LlamaConfig, llamaBiases, llamaSizes } from './llama-config.js';

export function llamaModules(c: LlamaConfig): Modules {
  const modules: Modules = { linears: [], sublayers: [], attentions: [], norms: [] }; // RMSNorm has no bias
  const { hidden_size: d, intermediate_size: inner } = c;
  const { heads, kvHeads, headDim } = llamaSizes(c);
  const biases = llamaBiases(c);
  for (let layer = 0; layer < c.num_hidden_layers; layer++) {
    const place = { stack: 'decoder', layer } as const;
    const [self, mlp] = [`model.layers.${layer}.self_attn`, `model.layers.${layer}.mlp`];
    const map = { ...place, inputs: d, bias: biases.queryKeyValue };
    const fed = {
      ...place,
      inputs: d,
      outputs: inner,
      bias: biases.feedForward,
      role: 'feed-forward-input',
    } as const;
    modules.linears.push(
      { ...map, name: `${self}.q_proj`, outputs: heads * headDim, role: 'query' },
      { ...map, name: `${self}.k_proj`, outputs: kvHeads * headDim, role: 'key' },
      { ...map, name: `${self}.v_proj`, outputs: kvHeads * headDim, role: 'value' },
      {
        ...map,
        name: `${self}.o_proj`,
        inputs: heads * headDim,
        outputs: d,
        bias: biases.attentionOutput,
        role: 'attention-output',
      },
      { ...fed, name: `${mlp}.gate_proj` },
      { ...fed, name: `${mlp}.up_proj` },
      { ...fed, name: `${mlp}.down_proj`, inputs: inner, outputs: d, role: 'feed-forward-output' },
    );
    modules.sublayers.push(
      { ...place, name: self, kind: 'self' },
      { ...place, name: mlp, kind: 'feed-forward' },
    );
    modules.attentions.push({ ...place, kind: 'self', heads: kvHeads, dHead: headDim });
  }
  return modules;
}
