/** Trains the tokenizer of t5-nano on its pretraining text and writes it as a Hugging Face tokenizer.json:
 *
 *      npm run build && node libs/tasks/scripts/train-tokenizer.cjs backbones/t5-nano
 *
 *  Lower-cased byte-level BPE. The development dependency `tokenizers` learns 30,000 tokens, whatever it is told; the first merges are
 *  kept, so that 8,000 tokens remain: ids 0 to 2 are <pad>, </s>, <unk>, and 3 to 34 the sentinels <extra_id_0> to <extra_id_31>. */
const { mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { BPE, Tokenizer, byteLevelAlphabet, byteLevelPreTokenizer, lowercase } = require('tokenizers');
const { corpusDocuments } = require('../../../dist/libs/tasks/src/corpus.js');

const size = 8000;
const specials = ['<pad>', '</s>', '<unk>', ...Array.from({ length: 32 }, (_, i) => `<extra_id_${i}>`)];

function main(folder) {
  mkdirSync(folder, { recursive: true });
  const text = join(folder, 'corpus.tmp');
  writeFileSync(text, corpusDocuments({ sources: ['wordnet', 'sotu', 'moby-dick'] }).join('\n'));
  const tokenizer = new Tokenizer(BPE.empty());
  tokenizer.setNormalizer(lowercase());
  tokenizer.setPreTokenizer(byteLevelPreTokenizer(true));
  tokenizer.train([text]);
  rmSync(text);
  const path = join(folder, 'tokenizer.json');
  tokenizer.save(path);
  const cut = shortened(JSON.parse(readFileSync(path, 'utf8')));
  writeFileSync(path, `${JSON.stringify(cut)}\n`);
  process.stdout.write(`${Object.keys(cut.model.vocab).length} tokens, ${cut.model.merges.length} merges\n`);
}

/** The trained tokenizer with the first merges only, our special tokens in front and </s> after every text. */
function shortened({ model, normalizer, pre_tokenizer }) {
  const merged = new Set(model.merges.map((m) => (Array.isArray(m) ? m.join('') : m.replace(' ', ''))));
  const learned = Object.keys(model.vocab).filter((t) => !specials.includes(t));
  const seen = learned.filter((t) => !merged.has(t));
  const alphabet = [...new Set([...byteLevelAlphabet(), ...seen])].toSorted(); // every byte, so that no text is unknown
  const merges = model.merges.slice(0, size - specials.length - alphabet.length);
  const tokens = [...specials, ...alphabet, ...merges.map((m) => (Array.isArray(m) ? m.join('') : m.replace(' ', '')))];
  const id = Object.fromEntries([...new Set(tokens)].map((t, i) => [t, i]));
  const end = { id: '</s>', ids: [id['</s>']], tokens: ['</s>'] };
  const single = [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }];
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specials.map((content) => ({
      id: id[content],
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer,
    pre_tokenizer,
    post_processor: { type: 'TemplateProcessing', single, pair: single, special_tokens: { '</s>': end } },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: { ...model, unk_token: null, vocab: id, merges },
  };
}

main(process.argv[2] ?? 'backbones/t5-nano');
