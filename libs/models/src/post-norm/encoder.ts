/** Encoders that normalise after each sublayer: BERT, RoBERTa and MPNet. They differ in their embeddings and
 *  in a few names. */
import type { Activation } from '../activation.js';
import type { Modules } from '../modules.js';

/** Their sizes, as config.json calls them. */
export interface PostNormConfig {
  vocab_size: number;
  hidden_size: number;
  num_hidden_layers: number;
  num_attention_heads: number;
  intermediate_size: number;
  layer_norm_eps: number;
  hidden_act: Activation;
  tie_word_embeddings: boolean;
}

/** Names within "encoder.layer.N." of what the attention is made of; all else is called as in BERT. */
export interface AttentionNames {
  query: string;
  key: string;
  value: string;
  output: string;
  norm: string;
}

export function postNormModules(c: PostNormConfig, names: AttentionNames): Modules {
  const modules: Modules = { linears: [], sublayers: [], attentions: [], norms: ['embeddings.LayerNorm'] };
  const d = c.hidden_size;
  for (let layer = 0; layer < c.num_hidden_layers; layer++) {
    const place = { stack: 'encoder', layer } as const;
    const at = `encoder.layer.${layer}`;
    const map = { ...place, inputs: d, outputs: d, bias: true };
    for (const role of ['query', 'key', 'value'] as const)
      modules.linears.push({ ...map, name: `${at}.${names[role]}`, role });
    modules.linears.push(
      { ...map, name: `${at}.${names.output}`, role: 'attention-output' },
      { ...map, name: `${at}.intermediate.dense`, outputs: c.intermediate_size, role: 'feed-forward-input' },
      { ...map, name: `${at}.output.dense`, inputs: c.intermediate_size, role: 'feed-forward-output' },
    );
    modules.sublayers.push(
      { ...place, name: `${at}.attention`, kind: 'self' },
      { ...place, name: `${at}.output`, kind: 'feed-forward' },
    );
    modules.attentions.push({
      ...place,
      kind: 'self',
      heads: c.num_attention_heads,
      dHead: d / c.num_attention_heads,
    });
    modules.norms.push(`${at}.${names.norm}`, `${at}.output.LayerNorm`);
  }
  return modules;
}

/** Shapes of the linear maps and LayerNorms by their tensors' names. */
export function postNormShapes(c: PostNormConfig, names: AttentionNames): Record<string, number[]> {
  const { linears, norms } = postNormModules(c, names);
  return Object.fromEntries([
    ...linears.flatMap(({ name, inputs, outputs }) => [
      [`${name}.weight`, [outputs, inputs]],
      [`${name}.bias`, [outputs]],
    ]),
    ...norms.flatMap((name) => [`${name}.weight`, `${name}.bias`].map((tensor) => [tensor, [c.hidden_size]])),
  ]) as Record<string, number[]>;
}
