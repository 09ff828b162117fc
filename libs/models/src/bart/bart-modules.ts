import type { LinearMap, Modules } from '../modules.js';
import type { BartConfig } from './bart-config.js';

export function bartModules(c: BartConfig): Modules {
  const norms = ['encoder', 'decoder'].map((stack) => `model.${stack}.layernorm_embedding`);
  const modules: Modules = { linears: [], sublayers: [], attentions: [], norms };
  for (const stack of ['encoder', 'decoder'] as const)
    for (let layer = 0; layer < c[`${stack}_layers`]; layer++) addLayer(modules, c, { stack, layer });
  return modules;
}

function addLayer(modules: Modules, c: BartConfig, place: Pick<LinearMap, 'stack' | 'layer'>): void {
  const { stack } = place;
  const at = `model.${stack}.layers.${place.layer}`;
  const d = c.d_model;
  const inner = c[`${stack}_ffn_dim`];
  const heads = c[`${stack}_attention_heads`];
  const map = { ...place, inputs: d, outputs: d, bias: true };
  for (const kind of stack === 'encoder' ? (['self'] as const) : (['self', 'cross'] as const)) {
    const name = `${at}.${kind === 'self' ? 'self_attn' : 'encoder_attn'}`;
    modules.linears.push(
      { ...map, name: `${name}.q_proj`, role: 'query' },
      { ...map, name: `${name}.k_proj`, role: 'key' },
      { ...map, name: `${name}.v_proj`, role: 'value' },
      { ...map, name: `${name}.out_proj`, role: 'attention-output' },
    );
    modules.sublayers.push({ ...place, name, kind });
    modules.attentions.push({ ...place, kind, heads, dHead: d / heads });
    modules.norms.push(`${name}_layer_norm`);
  }
  modules.linears.push(
    { ...map, name: `${at}.fc1`, outputs: inner, role: 'feed-forward-input' },
    { ...map, name: `${at}.fc2`, inputs: inner, role: 'feed-forward-output' },
  );
  modules.sublayers.push({ ...place, name: `${at}.fc2`, kind: 'feed-forward' });
  modules.norms.push(`${at}.final_layer_norm`);
}
