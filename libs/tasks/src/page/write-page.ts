import { writeFileSync } from 'node:fs';
import { tasksPage } from './tasks-page.js';

writeFileSync('docs/tasks.md', tasksPage());
