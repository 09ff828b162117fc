import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { issuesOf, plan } from './fixtures/grids.js';

const page = readFileSync(join(__dirname, '../../../docs/grid.md'), 'utf8');
const base = /```yaml base\n([^]*?)```/.exec(page)![1]!;
const examples = [...page.matchAll(/```yaml( alone)?\n# (.*)\n([^]*?)```/g)].map(
  ([, alone, first, text]) => [first!, alone ? text! : base + text!] as const,
);

describe('the examples of docs/grid.md', () => {
  it.each(examples)('%s', (first, text) => {
    const refused = /^refused: (.*)$/.exec(first);
    if (refused) {
      const said = issuesOf(text).map(({ path, message }) => `${path}: ${message}`);
      expect(said).toContainEqual(expect.stringContaining(refused[1]!));
    } else {
      const { cells } = plan(text);
      expect(`${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}`).toBe(first);
    }
  });

  it("are all of the page's, each with what it gives", () => {
    expect(examples).toHaveLength(page.split(/```yaml(?: alone)?\n/).length - 1);
  });
});
