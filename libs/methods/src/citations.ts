import type { MethodName } from '#contracts/method.js';

export interface Citation {
  paper: string;
  formula: string;
  count: string; // trainable parameters; d width, L layers, P virtual tokens, r rank, m bottleneck
  differences: string; // from the paper or its code
  refused: string; // families that can't carry it
  // families and knobs with which peft can't answer as it does: then its files are in our own layout
  notPeft?: string;
}

/** Where each method is from, for docs/methods.md. */
export const citations: Record<MethodName, Citation> = {
  'prompt-tuning': { paper: 'Lester et al. 2021', formula: '[P; X]', count: 'P d (twice with the decoder)', differences: 'init random-positive is the code’s U[0, 0.5)', refused: 'place encoder-and-decoder: BERT, RoBERTa, MPNet, GPT-2, LLaMA', notPeft: 'place encoder-and-decoder' },
  head: { paper: '–', formula: 'softmax(W pooled + b)', count: 'd C + C', differences: '–', refused: '–' },
  full: { paper: '–', formula: 'all weights', count: 'the model’s', differences: '–', refused: '–' },
  lora: { paper: 'Hu et al. 2022; rsLoRA: Kalajdzievski 2023', formula: 'W x + (alpha / r) B A x', count: 'r (in + out) a map', differences: 'A is uniform as in the code, the paper says Gaussian', refused: '–' },
  bitfit: { paper: 'Ben Zaken et al. 2022', formula: 'b + delta', count: 'one a bias', differences: 'terms match ends of names, in the code any part; BERT’s pooler is left out', refused: 'T5, LLaMA' },
  ia3: { paper: 'Liu et al. 2022 (T-Few)', formula: 'l ⊙ k, l ⊙ v, l ⊙ f(W x)', count: 'd_k + d_v + d_ff a layer', differences: '–', refused: '–' },
  adapter: { paper: 'Houlsby et al. 2019; Pfeiffer et al. 2021; He et al. 2022', formula: 'h + s U f(D h)', count: '2 m d + d + m each, and houlsby’s 2 d a LayerNorm', differences: 'initStd 1e-2 as in the paper, the code has 1e-3; a trained LayerNorm is s y + t of the frozen one’s y; RMSNorms (T5, LLaMA) stay frozen', refused: '–' },
  'prefix-tuning': { paper: 'Li & Liang 2021', formula: '[P_k; K], [P_v; V]', count: '2 P L d an attention kind, and the MLP', differences: 'the MLP reads width d, as in the code; real words are reached by least squares, not by 500 epochs of Adam; embedding-only is prompt tuning through the MLP; relativePositions as peft has them in T5', refused: 'places beyond the family’s; infix: BERT, RoBERTa, MPNet; relative positions: all but T5, MPNet', notPeft: 'T5, BART, MPNet; infix; embedding-only; several places' },
  'p-tuning-v2': { paper: 'Liu et al. 2022', formula: '[P_k; K], [P_v; V], linear head', count: '2 P L d, and the head', differences: 'the code’s dropout of 0.1 on keys and values, which the paper does not name, is off; multi-task prompts are task mixture, then from (transfer.md)', refused: '–' },
  mam: { paper: 'He et al. 2022', formula: 'prefix, and h + s U relu(D x)', count: 'prefix’s and adapters’', differences: 'adapters start near zero, not exactly', refused: '–' },
  dora: { paper: 'Liu et al. 2024', formula: 'm V / |V|, V = W + s B A', count: 'r (in + out) + out a map', differences: 'dropout acts on what A reads only', refused: '–' },
  qlora: { paper: 'Dettmers et al. 2023', formula: 'dequantised(W) x + s B A x', count: 'LoRA’s', differences: 'scales in bitsandbytes’ dynamic 8 bits, the paper says FP8; no paged optimizer', refused: '–' },
  adalora: { paper: 'Zhang et al. 2023', formula: 'W + P diag(lambda) Q', count: 'r (in + out + 1) a map', differences: 'no scaling unless alpha is set; the code takes the mean of unsquared norms as penalty', refused: '–' },
  unipelt: { paper: 'Mao et al. 2022', formula: 'gate-weighted prefix, adapter, LoRA', count: 'the parts’, and in + 1 a gate', differences: 'gates average over the text, in the code over padding too', refused: 'gates: all but BERT, RoBERTa, MPNet' },
  'top-layers': { paper: 'Li & Liang 2021 (FT-top2)', formula: 'the last layers’ weights', count: 'theirs', differences: '–', refused: '–' },
  vera: { paper: 'Kopiczko et al. 2024', formula: 'W x + b ⊙ B (d ⊙ A x)', count: 'r + out a map', differences: 'projections are drawn by PyTorch’s generator, as in peft', refused: '–' },
  'p-tuning': { paper: 'Liu et al. 2021', formula: '[enc(E); X]', count: 'P d, the encoder’s, and the model’s where it is tuned', differences: 'the model is tuned as W + modelRate D; form peft has peft’s widths', refused: '{mask}: all but BERT, RoBERTa, MPNet with their MLM head', notPeft: 'a template; modelRate above 0' },
}; // prettier-ignore
