import type { Modules } from '../modules.js';
import type { Gpt2Config } from './gpt2-config.js';

export function gpt2Modules(c: Gpt2Config): Modules {
  const modules: Modules = { linears: [], sublayers: [], attentions: [], norms: [] };
  const d = c.n_embd;
  const inner = c.n_inner ?? 4 * d;
  for (let layer = 0; layer < c.n_layer; layer++) {
    const place = { stack: 'decoder', layer } as const;
    const at = `transformer.h.${layer}`;
    const map = { ...place, inputs: d, outputs: d, bias: true };
    modules.linears.push(
      { ...map, name: `${at}.attn.c_attn`, outputs: 3 * d, role: 'query-key-value' },
      { ...map, name: `${at}.attn.c_proj`, role: 'attention-output' },
      { ...map, name: `${at}.mlp.c_fc`, outputs: inner, role: 'feed-forward-input' },
      { ...map, name: `${at}.mlp.c_proj`, inputs: inner, role: 'feed-forward-output' },
    );
    modules.sublayers.push(
      { ...place, name: `${at}.attn`, kind: 'self' },
      { ...place, name: `${at}.mlp`, kind: 'feed-forward' },
    );
    modules.attentions.push({ ...place, kind: 'self', heads: c.n_head, dHead: d / c.n_head });
    modules.norms.push(`${at}.ln_1`, `${at}.ln_2`);
  }
  modules.norms.push('transformer.ln_f');
  return modules;
}
