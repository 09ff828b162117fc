import { mkdirSync, writeFileSync } from 'node:fs';
import { methodsPage } from './docs.js';

mkdirSync('docs', { recursive: true });
writeFileSync('docs/methods.md', methodsPage());
