import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The statement in libs/db/src/sql/NAME.sql; the build copies these files beside it. */
export const sqlFile = (name: string): string => readFileSync(join(__dirname, 'sql', `${name}.sql`), 'utf8');
