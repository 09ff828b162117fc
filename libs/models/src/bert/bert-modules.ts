import type { Modules } from '../modules.js';
import type { BertConfig } from './bert-config.js';

export function bertModules(c: BertConfig): Modules {
  const modules: Modules = { linears: [], sublayers: [], attentions: [], norms: ['embeddings.LayerNorm'] };
  const d = c.hidden_size;
  for (let layer = 0; layer < c.num_hidden_layers; layer++) {
    const place = { stack: 'encoder', layer } as const;
    const at = `encoder.layer.${layer}`;
    const map = { ...place, inputs: d, outputs: d, bias: true };
    for (const role of ['query', 'key', 'value'] as const)
      modules.linears.push({ ...map, name: `${at}.attention.self.${role}`, role });
    modules.linears.push(
      { ...map, name: `${at}.attention.output.dense`, role: 'attention-output' },
      { ...map, name: `${at}.intermediate.dense`, outputs: c.intermediate_size, role: 'feed-forward-input' },
      { ...map, name: `${at}.output.dense`, inputs: c.intermediate_size, role: 'feed-forward-output' },
    );
    modules.sublayers.push(
      { ...place, name: `${at}.attention`, kind: 'self' },
      { ...place, name: `${at}.output`, kind: 'feed-forward' },
    );
    modules.attentions.push({ ...place, kind: 'self', heads: c.num_attention_heads, dHead: d / c.num_attention_heads });
    modules.norms.push(`${at}.attention.output.LayerNorm`, `${at}.output.LayerNorm`);
  }
  return modules;
}
