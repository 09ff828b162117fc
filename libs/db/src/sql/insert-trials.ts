import { z } from 'zod';
import { statement, Uuid } from '../statement.js';

const Keyed = z.object({ id: Uuid, key: z.string() });

/** Trials of { key, config, steps, backboneKey, gangKey, inputs, state }[] $1 that are not there yet. */
export const insertTrials = statement(
  'insert-trials',
  Keyed,
  `
insert into "Trial" (id, key, config, steps, "backboneKey", "gangKey", inputs, state)
select gen_random_uuid(), key, config, steps, "backboneKey", "gangKey", inputs, state
from json_to_recordset($1::json) t(
  key text, config jsonb, steps int, "backboneKey" text, "gangKey" text, inputs jsonb, state text)
on conflict (key) do nothing returning id, key`,
);

export const selectTrialsOfKeys = statement(
  'trials-of-keys',
  Keyed,
  `select id, key from "Trial" where key = any($1::text[])`,
);
