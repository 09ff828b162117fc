import type { AttentionSite } from './adaptation.js';

/** What a PEFT method can take hold of in a model, by Hugging Face's module names, from the first layer to
 *  the last. */
export interface Modules {
  linears: LinearMap[]; // those that pass the `linear` hook and are not the language-model head
  sublayers: Sublayer[]; // those that pass the `sublayer` hook
  attentions: Attention[]; // those that pass the `keyValues` hook
  norms: string[]; // LayerNorms that have a bias; they pass the `norm` hook
}

interface Place {
  stack: 'encoder' | 'decoder';
  layer: number; // counted from 0 in its stack
}

export interface LinearMap extends Place {
  name: string;
  inputs: number;
  outputs: number;
  bias: boolean;
  /** What it does there: IA3 scales keys, values and what the feed-forward's last map reads. */
  role:
    | 'query'
    | 'key'
    | 'value'
    | 'query-key-value'
    | 'attention-output'
    | 'feed-forward-input'
    | 'feed-forward-output';
}

export interface Sublayer extends Place {
  name: string;
  kind: 'self' | 'cross' | 'feed-forward';
}

export interface Attention extends AttentionSite {
  heads: number; // of keys and values
  dHead: number;
}
