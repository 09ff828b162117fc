import { z } from 'zod';
import { statement, Uuid } from '../statement.js';
import { met } from './met.js';

/** The checkpoints that trial $1 starts from, and whether each is there. */
export const selectWaitsFor = statement(
  'waits-for',
  z.object({ trialId: Uuid, kind: z.enum(['backbone', 'adapter']), step: z.int(), met: z.boolean() }),
  `select d."dependsOnId" "trialId", d.kind, d.step, ${met} met from "Dependency" d where d."trialId" = $1 order by d.step`,
);
