import { visibleLine } from '#analysis/visible-text.js';
import type { RemovalView } from '#contracts/removal.js';
import { connect } from '../connect.js';
import { counted } from '../counted.js';
import { findExperiment } from '../find.js';
import { megabytes } from '../megabytes.js';
import { type Common, print, printJson, say } from '../output.js';

/** `peftgrid rm EXPERIMENT [--yes]`: prints what goes with it, and removes it with --yes. */
export async function rm(id: string, { yes, json }: Common & { yes?: boolean }): Promise<void> {
  const { client } = await connect();
  const { id: whole } = await findExperiment(client, id);
  const view = yes ? await client.remove(whole) : await client.removal(whole);
  if (json) return printJson({ removed: yes === true, ...view });
  print(list(view, yes ? 'removed' : 'would remove'));
  if (!yes)
    say(
      view.removable
        ? 'nothing was removed; --yes removes it'
        : `it can not be removed yet: it is ${view.state}`,
    );
}

function list(
  { name, experimentId, cells, trials, shared, metrics, checkpoints, bytes }: RemovalView,
  what: string,
): string {
  const stay = shared ? `; ${counted(shared, 'trial')} that other experiments have stay` : '';
  return [
    `${what} ${visibleLine(name)} (${experimentId.slice(0, 8)}) with`,
    `  ${counted(cells, 'cell')}`,
    `  ${counted(trials, 'trial')}${stay}`,
    `  ${counted(metrics, 'measured number')}`,
    `  ${counted(checkpoints, 'checkpoint')}, whose files that nothing else names take ${megabytes(bytes)}`,
  ].join('\n');
}
