import { z } from 'zod';
import { statement } from '../statement.js';

/** How the server has settings $1. */
export const selectSettings = statement(
  'server-settings',
  z.object({ name: z.string(), setting: z.string() }),
  'select name, setting from pg_settings where name = any($1::text[])',
);
