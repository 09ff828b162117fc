import { writeFileSync } from 'node:fs';
import { knobsPage } from './knobs-page.js';

writeFileSync('docs/knobs.md', knobsPage());
