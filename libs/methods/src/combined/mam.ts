import type { Mam } from '#contracts/methods/mam.js';
import { adapter } from '../activations/adapter.js';
import { composed, part } from './composed.js';
import { plainPrefix, prefixTuning } from '../prefixes/prefix-tuning.js';

/** The mix-and-match adapter (He et al. 2022 §4.6): a small prefix in the attentions and a scaled parallel
 *  adapter beside every feed-forward, h + s ReLU(x W_down) W_up. W_down is drawn as everywhere here where the
 *  authors use LoRA's initialisation; W_up differs from zero by `initStd`. */
export const mam = composed<Mam>(
  ({ length, hidden, bottleneck, scale, initStd }) => [
    part('prefix', prefixTuning, plainPrefix({ length, hidden })),
    part('adapter', adapter, {
      name: 'adapter',
      kind: 'parallel',
      bottleneck,
      activation: 'relu',
      scale,
      initStd,
      trainNorms: null,
    }),
  ],
  (config) => ({ ...config, hidden: null }),
);
