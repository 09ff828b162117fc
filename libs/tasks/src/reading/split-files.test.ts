import { linkSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refuseSameFile, sharedFile } from './split-files.js';

let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'peftgrid-splits-'));
  for (const name of ['train.csv', 'other.csv']) writeFileSync(at(name), 'text,label\na,b\n');
  symlinkSync('train.csv', at('symbolic.csv'));
  linkSync(at('train.csv'), at('hard.csv'));
  symlinkSync('.', at('round'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a file that is trained on', () => {
  it.each(['train.csv', './train.csv', 'round/train.csv', 'symbolic.csv', 'hard.csv'])(
    'is refused as a test file by the name %s, and told where it is both of the others',
    (name) => {
      const path = `${folder}/${name}`;
      const files = { path: at('train.csv'), validationPath: null, testPath: path };
      expect(() => refuseSameFile(files)).toThrow(/^task\.testPath is task\.path, .*would be trained on/);
      const shared = { path: at('other.csv'), validationPath: at('train.csv'), testPath: path };
      expect(sharedFile(shared)).toHaveLength(1);
    },
  );

  it('is not taken for another file, nor for one that is not there', () => {
    for (const name of ['other.csv', 'absent.csv']) {
      const files = { path: at('train.csv'), validationPath: null, testPath: at(name) };
      expect(() => refuseSameFile(files)).not.toThrow();
      expect(sharedFile({ ...files, validationPath: at('train.csv') })).toEqual([]);
    }
    const absent = { path: at('none.csv'), validationPath: null, testPath: `${folder}/./none.csv` };
    expect(() => refuseSameFile(absent)).toThrow(/task\.testPath is task\.path/);
  });
});
