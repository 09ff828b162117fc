import { filesOfPatterns } from './file-patterns.js';

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
