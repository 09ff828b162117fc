import { join } from 'node:path';
import { fixtureFolder } from './fixtures/reference.js';
import { labelWordIssue, writtenWord } from './label-words.js';
import { loadTokenizer } from './tokenizer-json.js';

const t5 = {
  tokenizer: loadTokenizer(join(__dirname, '../../../backbones/t5-nano')),
  kind: 'encoder-decoder',
} as const;
const small = (kind: 'encoder' | 'decoder', name: string) => ({
  tokenizer: loadTokenizer(fixtureFolder(name)),
  kind,
});
const issue = (
  reader: Parameters<typeof labelWordIssue>[0],
  words: string[],
  by: 'label-words' | 'decoding' = 'label-words',
) => labelWordIssue(reader, { labels: words.map((_, i) => `l${i}`), words }, by);

describe('label words', () => {
  it('of the same tokens are refused with both labels', () => {
    const apart =
      /^the label words "fine" \(label "l0"\) and "fine" \(label "l2"\) are the same tokens to this backbone/;
    expect(issue(t5, ['fine', 'bad', 'fine'])).toMatch(apart);
    expect(issue(t5, ['Fine', 'fine'])).toBeNull();
    expect(issue(t5, ['日本', '中国'])).toMatch(/"日本" .* and "中国" .* are the same tokens/);
    for (const reader of [small('encoder', 'bert'), small('decoder', 'gpt2')])
      expect(issue(reader, ['cat', 'dog', 'cat'])).toMatch(/"cat" \(label "l0"\) and "cat" \(label "l2"\)/);
  });

  it('may be equal in two tasks of a mixture', () => {
    const mixed = { labels: ['a/x', 'a/y', 'b/x', 'b/y'], words: ['good', 'bad', 'good', 'fine'] };
    expect(
      labelWordIssue(
        t5,
        {
          ...mixed,
          tasks: [
            { from: 0, to: 2 },
            { from: 2, to: 4 },
          ],
        },
        'decoding',
      ),
    ).toBeNull();
    expect(labelWordIssue(t5, mixed, 'decoding')).toMatch(
      /"good" \(label "a\/x"\) and "good" \(label "b\/x"\)/,
    );
  });

  it('that do not come back from their tokens are refused where answers are decoded', () => {
    expect(issue(t5, ['日本', 'bad'], 'decoding')).toMatch(
      /"日本" \(label "l0"\) is written as "" by this backbone/,
    );
    expect(issue(t5, ['日本', 'bad'])).toBeNull();
  });

  it('with blanks around them are compared as the model writes them', () => {
    expect(issue(t5, ['good ', 'bad'], 'decoding')).toBeNull();
    expect(writtenWord(t5, 'good ')).toBe('good');
  });
});
