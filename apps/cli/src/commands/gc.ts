import { connect } from '../connect.js';
import { counted } from '../counted.js';
import { megabytes } from '../megabytes.js';
import { type Common, print, printJson } from '../output.js';

/** `peftgrid gc [--dry-run] [--hours N]`: prints how many files that nothing names were, or would be,
 *  removed. */
export async function gc({
  dryRun = false,
  hours,
  json,
}: Common & { dryRun?: boolean; hours: number }): Promise<void> {
  const { client } = await connect();
  const collected = await client.collectGarbage({ dryRun, hours });
  if (json) return printJson(collected);
  const what = `${counted(collected.files, 'file')} that nothing names, ${megabytes(collected.bytes)}`;
  print(`${dryRun ? 'would remove' : 'removed'} ${what}`);
}
