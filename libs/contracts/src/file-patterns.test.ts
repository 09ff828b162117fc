import { filesFitting, filesOfPatterns } from './file-patterns.js';

it('finds what fits in the order of paths, and crosses no folder', () => {
  const files = [
    'train/2/b.xml',
    'train/1/a.xml',
    'train/a.xml',
    'train/1/deep/a.xml',
    'train/1/axml',
    'test.xml',
  ];
  expect(filesOfPatterns(['train/*/*.xml', 'test.xml'], files)).toEqual([
    'test.xml',
    'train/1/a.xml',
    'train/2/b.xml',
  ]);
});

it('takes a name as it is written', () => {
  expect(filesOfPatterns(['a+(b).json'], ['a+(b).json', 'aab.json'])).toEqual(['a+(b).json']);
});

it('passes over names that begin with a dot, unless they are written so', () => {
  const files = ['.a.txt', 'a.txt', '.git/a.txt'];
  expect(filesOfPatterns(['*.txt', '*/*.txt'], files)).toEqual(['a.txt']);
  expect(filesOfPatterns(['.*.txt', '.git/*'], files)).toEqual(['.a.txt', '.git/a.txt']);
});

it('looks into those folders alone that a pattern goes through', () => {
  const names: Record<string, string[]> = {
    '': ['train', 'other'],
    'train/': ['2', '1', '.git', 'a.xml'],
    'train/1/': ['b.xml', 'a.xml', 'notes'],
    'train/2/': ['last.xml'],
  };
  const look = (pattern: string) => {
    const asked: string[] = [];
    const listing = filesFitting(pattern);
    for (let next = listing.next([]); ; next = listing.next(names[next.value] ?? [])) {
      if (next.done) return { found: next.value, asked };
      asked.push(next.value);
    }
  };
  expect(look('train/*/*.xml')).toEqual({
    found: ['train/1/a.xml', 'train/1/b.xml', 'train/2/last.xml'],
    asked: ['train/', 'train/2/', 'train/1/', 'train/a.xml/'],
  });
  expect(look('*/2/last.xml').found).toEqual(['train/2/last.xml']);
  expect(look('gone/b.xml')).toEqual({ found: ['gone/b.xml'], asked: [] });
});
