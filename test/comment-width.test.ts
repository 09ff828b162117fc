import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..');
const width = 110; // prettier's printWidth for code; no formatter wraps comments

/** A line that is a comment, or ends in one after code. */
const comment = /^\s*(\/\/|\/\*|\*)|[;,{}()[\]] \/\/ /;

it(`comments end at column ${width}`, () => {
  const files = execFileSync('git', ['ls-files', '*.ts', '*.tsx'], { cwd: root, encoding: 'utf8' })
    .trim()
    .split('\n');
  const long = files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, i) =>
        Array.from(line).length > width && comment.test(line) ? [`${file}:${i + 1}: ${line}`] : [],
      ),
  );
  expect(long).toEqual([]);
});
