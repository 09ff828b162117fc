import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { kindOf } from '#contracts/task.js';
import { checkData, planOf, readGridFile } from './grid-file.js';

const folder = join(__dirname, '../../../examples');
const grids = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.yaml'),
);

describe('the examples', () => {
  it.each(grids)('%s expands to trials', (file) => {
    const read = readGridFile(join(folder, file));
    expect(read.cells.length).toBeGreaterThan(0);
    expect(planOf(read).trials.length).toBeGreaterThan(0);
  });

  const ofAnyFile = grids.filter((file) => file.startsWith('any-file'));

  it.each([...ofAnyFile, 'suite.yaml', 'file-task.yaml'])(
    '%s has its data beside it, without a warning',
    async (file) => {
      const { splits, warnings } = await checkData(readGridFile(join(folder, file)));
      expect(warnings).toEqual([]);
      expect([...splits.values()].flat().length).toBeGreaterThan(0);
    },
  );

  it('have any file of each kind', () => {
    const kinds = ofAnyFile.flatMap((file) =>
      readGridFile(join(folder, file)).cells.flatMap(({ config }) =>
        config.stage === 'tune' ? kindOf(config.task) : [],
      ),
    );
    expect([...new Set(kinds)].toSorted()).toEqual(
      ['choice', 'class', 'cloze', 'language', 'number', 'span', 'tags', 'text'].toSorted(),
    );
  });

  it('name no file outside the project but data that the user brings', () => {
    const outside = ofAnyFile.flatMap((file) =>
      readGridFile(join(folder, file)).cells.flatMap(({ config }) =>
        config.stage === 'tune' && 'path' in config.task ? relative(folder, config.task.path) : [],
      ),
    );
    expect(outside.filter((path) => path.startsWith('..'))).toEqual([]);
  });
});
