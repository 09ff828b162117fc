// Makes tokenizer.json of t5-nano: a unigram vocabulary of 8,000 pieces, likeliest first, in T5's layout (<pad>, </s>, <unk> in front,
// 100 sentinels at the end, </s> after every text). Needs the development dependency `tokenizers` and `npm run build`; 3 minutes.
//   node backbones/t5-nano/train-tokenizer.cjs
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { Tokenizer, Unigram, metaspacePreTokenizer } = require('tokenizers');
const { corpusDocuments } = require('../../dist/libs/tasks/src/corpora/corpus.js');

const sentinels = 100;

const folder = mkdtempSync(join(tmpdir(), 'tokenizer-'));
const [text, trained] = [join(folder, 'text'), join(folder, 'trained.json')];
writeFileSync(text, corpusDocuments({ sources: ['wordnet', 'sotu', 'moby-dick'] }).join('\n'));
const tokenizer = new Tokenizer(Unigram.empty());
tokenizer.setPreTokenizer(metaspacePreTokenizer());
tokenizer.train([text]);
tokenizer.save(trained);
const { model } = JSON.parse(readFileSync(trained, 'utf8'));
rmSync(folder, { recursive: true });

const first = ['<pad>', '</s>', '<unk>'];
const pieces = model.vocab.filter(([piece]) => !first.includes(piece)).toSorted(([, a], [, b]) => b - a);
const vocab = [...first.map((token) => [token, 0]), ...pieces];
const special = (id, content) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true });
const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true };
const end = { SpecialToken: { id: '</s>', type_id: 0 } };
const sequence = (id) => ({ Sequence: { id, type_id: 0 } });
const json = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [
    ...first.map((token, id) => special(id, token)),
    ...Array.from({ length: sentinels }, (_, i) => special(vocab.length + i, `<extra_id_${sentinels - 1 - i}>`)),
  ],
  normalizer: {
    type: 'Sequence',
    normalizers: [{ type: 'NFKC' }, { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' }],
  },
  pre_tokenizer: metaspace,
  post_processor: {
    type: 'TemplateProcessing',
    single: [sequence('A'), end],
    pair: [sequence('A'), end, sequence('B'), end],
    special_tokens: { '</s>': { id: '</s>', ids: [1], tokens: ['</s>'] } },
  },
  decoder: metaspace,
  model: { type: 'Unigram', unk_id: 2, vocab, byte_fallback: false },
};
writeFileSync(join(__dirname, 'tokenizer.json'), `${JSON.stringify(json)}\n`);
const extra = Array.from({ length: sentinels }, (_, i) => `<extra_id_${i}>`);
const config = { tokenizer_class: 'T5TokenizerFast', pad_token: '<pad>', eos_token: '</s>', unk_token: '<unk>', extra_ids: sentinels };
writeFileSync(join(__dirname, 'tokenizer_config.json'), `${JSON.stringify({ ...config, additional_special_tokens: extra }, null, 2)}\n`);
process.stdout.write(`${vocab.length} pieces and ${sentinels} sentinels\n`);
