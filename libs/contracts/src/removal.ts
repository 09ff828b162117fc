import { z } from 'zod';

/** What goes with an experiment, or went. Trials that another experiment has stay, and so do files that
 *  something else names. */
export const RemovalView = z.object({
  experimentId: z.uuid(),
  name: z.string(),
  state: z.string(), // of the experiment
  removable: z.boolean(), // false: it is to be cancelled first, or its trials have not stopped yet
  cells: z.int(),
  trials: z.int(), // that no other experiment has
  shared: z.int(), // trials that stay, since another experiment has them
  metrics: z.int(), // measured numbers
  checkpoints: z.int(),
  bytes: z.int(), // of files that nothing else names; collected from the store a day later
});
export type RemovalView = z.infer<typeof RemovalView>;

/** What the store holds, by what names it. A file that several name counts for the first of them. */
export const DiskUse = z.object({
  store: z.string(), // where
  kinds: z.array(z.object({ kind: z.string(), files: z.int(), bytes: z.int() })),
});
export type DiskUse = z.infer<typeof DiskUse>;

export const CollectGarbage = z.strictObject({
  dryRun: z.boolean().default(false),
  // younger files stay: they may belong to a checkpoint that is just being written down
  hours: z.number().min(1).default(24),
});
export type CollectGarbage = z.infer<typeof CollectGarbage>;

/** Files that nothing names, removed, or with `dryRun` found. */
export const CollectedView = z.object({ dryRun: z.boolean(), files: z.int(), bytes: z.int() });
export type CollectedView = z.infer<typeof CollectedView>;
