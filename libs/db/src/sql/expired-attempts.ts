import { z } from 'zod';
import { statement, Uuid } from '../statement.js';

/** Attempts whose lease has run out by the database's clock, locked. */
export const lockExpiredAttempts = statement(
  'expired-attempts',
  z.object({ id: Uuid, worker: z.string().nullable() }),
  `select id, worker from "Attempt" where state = 'running' and "leaseUntil" < now() order by id for update`,
);

/** Whether there is one, without locking it. */
export const anyExpired = statement(
  'any-expired',
  z.object({ any: z.boolean() }),
  `select exists (select from "Attempt" where state = 'running' and "leaseUntil" < now()) "any"`,
);
