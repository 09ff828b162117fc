import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { continuationOf } from './continuation.js';
import { fixtureFolder, readFixture, type Reference } from './fixtures/reference.js';
import { loadTokenizer } from './tokenizer-json.js';

describe.each(['bert', 'mpnet', 't5-v1.1'])('the tokenizer of %s', (name) => {
  const tokenizer = loadTokenizer(fixtureFolder(name));

  it.each(readFixture<Reference>(`${name}/expected.json`).texts)(
    'reads "$text" as the original does',
    ({ text, ids, plain }) => {
      expect(tokenizer.encode(text)).toEqual(ids);
      expect(tokenizer.encodePlain(text)).toEqual(plain);
    },
  );

  it.each(readFixture<Reference>(`${name}/expected.json`).texts)('writes "$decoded"', ({ ids, decoded }) => {
    expect(tokenizer.decode(ids)).toBe(decoded);
  });
});

describe('truncation', () => {
  it('keeps the special tokens', () => {
    const bert = loadTokenizer(fixtureFolder('bert'));
    const [cls, sep] = [bert.idOf('[CLS]'), bert.idOf('[SEP]')];
    const long = bert.encodePlain('the cat sat on a mat');
    expect(bert.encode('the cat sat on a mat', 4)).toEqual([cls, ...long.slice(0, 2), sep]);
    expect(bert.encode('the cat sat on a mat', 8)).toEqual([cls, ...long, sep]);
    const t5 = loadTokenizer(fixtureFolder('t5-v1.1'));
    expect(t5.encode('the cat sat on a mat', 3)).toEqual([...t5.encodePlain('the cat'), t5.idOf('</s>')]);
  });
});

it('puts two texts next to each other where nothing says how, as a tokenizer without a post-processor has it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plain-tokenizer-'));
  const vocab = { '<pad>': 0, '<unk>': 1, a: 2, b: 3 };
  const special = (content: string, id: number) => ({ id, content, special: true });
  const tokenizer = {
    version: '1.0',
    added_tokens: [special('<pad>', 0), special('<unk>', 1)],
    normalizer: null,
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: null,
    decoder: null,
    model: { type: 'WordLevel', unk_token: '<unk>', vocab },
  };
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  const { pairs } = loadTokenizer(folder);
  rmSync(folder, { recursive: true });
  expect(pairs!.specials).toBe(0);
  expect(pairs!.join([2], [3, 3])).toEqual({ ids: [2, 3, 3], behind: 1 });
});

describe('a text that is gone on with', () => {
  it('is open at its end, and a word behind it is the tokens that it is within a text', () => {
    const bert = loadTokenizer(fixtureFolder('bert'));
    const open = bert.encode('the cat').slice(0, -1);
    expect(bert.encodeOpen('the cat')).toEqual(open);
    expect(bert.encodeOpen('the cat sat on a mat', 3)).toEqual(open);
    const llama = loadTokenizer(fixtureFolder('llama'));
    expect([...llama.encodeOpen('the cat'), ...continuationOf(llama, 'dogs')]).toEqual(
      llama.encodePlain('the cat dogs'),
    );
    const gguf = loadTokenizer(join(fixtureFolder('gguf'), 'tiny'));
    expect(continuationOf(gguf, 'cat')).toEqual([gguf.idOf('Ġcat')]);
    expect(gguf.encodePlain('cat')).toEqual([gguf.idOf('cat')]);
  });
});

describe('a folder that is no tokenizer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tokenizer-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is named with what is wrong', () => {
    expect(() => loadTokenizer(folder)).toThrow(`${folder} has no tokenizer.json`);
    writeFileSync(join(folder, 'tokenizer.json'), '{"version":');
    expect(() => loadTokenizer(folder)).toThrow(`${join(folder, 'tokenizer.json')} is no JSON`);
  });

  it('is named where its pattern never ends', () => {
    const json = JSON.parse(readFileSync(join(fixtureFolder('t5-v1.1'), 'tokenizer.json'), 'utf8')) as object;
    const normalizer = { type: 'Replace', pattern: { Regex: '([a-z ,.]+)+$X' }, content: '' };
    writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify({ ...json, normalizer }));
    const tokenizer = loadTokenizer(folder);
    expect(() => tokenizer.encode('the cat sat on the mat, and the dog ran as fast as it could run')).toThrow(
      /tokenizer.json took more than 5\S* s for a text of 63: its patterns are "\(\[a-z ,.\]\+\)\+\$X"/,
    );
  }, 60_000);

  it('is named where a part of it is not known', () => {
    const json = JSON.parse(readFileSync(join(fixtureFolder('t5-v1.1'), 'tokenizer.json'), 'utf8')) as object;
    writeFileSync(
      join(folder, 'tokenizer.json'),
      JSON.stringify({ ...json, normalizer: { type: 'Shuffle' } }),
    );
    expect(() => loadTokenizer(folder)).toThrow(
      /tokenizer.json is no tokenizer that is known here: .*Shuffle/,
    );
  });

  it('has as many ids as mT5', () => {
    const json = JSON.parse(readFileSync(join(fixtureFolder('t5-v1.1'), 'tokenizer.json'), 'utf8')) as {
      model: { vocab: unknown[] };
    };
    while (json.model.vocab.length < 250_100) json.model.vocab.push([`<${json.model.vocab.length}>`, -20]);
    writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(json));
    expect(loadTokenizer(folder).size).toBe(250_100);
  });

  it('a token that is not there is named', () => {
    expect(() => loadTokenizer(fixtureFolder('bert')).idOf('<extra_id_0>')).toThrow('no token <extra_id_0>');
  });
});
