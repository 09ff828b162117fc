import { CheckpointView } from '#contracts/experiment.js';
import type { Database } from './database.js';

/** The checkpoint, or null. */
export async function findCheckpoint(
  db: Database,
  { trialId, kind, step }: { trialId: string; kind: CheckpointView['kind']; step: number },
): Promise<CheckpointView | null> {
  const row = await db.prisma.checkpoint.findUnique({ where: { trialId_kind_step: { trialId, kind, step } } });
  return row && CheckpointView.parse({ ...row, bytes: Number(row.bytes) });
}

/** Hashes of all files that some checkpoint or some trial's input names: the artifact store may forget the others. */
export async function referencedHashes(db: Database): Promise<Set<string>> {
  const { rows } = await db.pool.query<{ hash: string }>(
    `select file ->> 'hash' hash from "Checkpoint", jsonb_array_elements(files) file
     union select file ->> 'hash' from "Trial", jsonb_array_elements(inputs) input, jsonb_array_elements(input -> 'files') file`,
  );
  return new Set(rows.map((row) => row.hash));
}
