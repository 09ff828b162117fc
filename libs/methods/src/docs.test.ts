import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { methodsPage } from './docs.js';

it('docs/methods.md is what npm run docs:methods writes', () => {
  expect(readFileSync(join(__dirname, '../../../docs/methods.md'), 'utf8')).toBe(methodsPage());
});
