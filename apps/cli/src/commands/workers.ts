import type { JoinLinkView } from '#contracts/join.js';
import type { WorkerView } from '#contracts/worker.js';
import { columns } from '../columns.js';
import { connect } from '../connect.js';
import { localTime } from '../local-time.js';
import { type Common, print, printJson, say } from '../output.js';

/** `peftgrid workers`: a line a worker. */
export async function workers({ json }: Common): Promise<void> {
  const { client } = await connect();
  const all = await client.workers();
  if (json) return printJson(all);
  if (all.length === 0) return say('no worker; ./peftgrid worker starts one');
  print(
    columns([['HOST', 'ID', 'DEVICE', 'SLOTS', 'LABELS', 'VERSION', 'STATE', 'LAST BEAT'], ...all.map(line)]),
  );
}

function line({
  id,
  host,
  device,
  slots,
  labels,
  version,
  state,
  running,
  fault,
  seenAt,
}: WorkerView): string[] {
  const doing = state === 'training' ? `training ${running}` : state === 'fault' ? `fault: ${fault}` : state;
  return [
    host ?? '?',
    id,
    device,
    String(slots),
    labels.join(',') || '-',
    version ?? '?',
    doing,
    localTime(seenAt),
  ];
}

/** `peftgrid workers join [--hours N]`: prints a link. */
export async function join({ hours, json }: Common & { hours: number }): Promise<void> {
  const { client } = await connect();
  const link = await client.createJoinLink({ hours });
  if (json) return printJson(link);
  print(link.url);
  say(`until ${localTime(link.expiresAt)}; ./peftgrid workers revoke ${link.id.slice(0, 8)} ends it`);
}

/** `peftgrid workers links`. */
export async function links({ json }: Common): Promise<void> {
  const { client } = await connect();
  const all = await client.joinLinks();
  if (json) return printJson(all);
  if (all.length === 0) return say('no link; ./peftgrid workers join makes one');
  const row = ({ id, createdAt, expiresAt, revokedAt, uses }: JoinLinkView): string[] => {
    const until = revokedAt ? `revoked ${localTime(revokedAt)}` : localTime(expiresAt);
    return [id.slice(0, 8), localTime(createdAt), until, String(uses)];
  };
  print(columns([['ID', 'MADE', 'UNTIL', 'USED'], ...all.map(row)]));
}

/** `peftgrid workers revoke ID`. */
export async function revoke(id: string, { json }: Common): Promise<void> {
  const { client } = await connect();
  const link = await client.revokeJoinLink(id);
  if (json) return printJson(link);
  print(`the link ${link.id.slice(0, 8)} is revoked; workers that joined with it end within seconds`);
  say(
    'they knew the address of the database: to shut out a machine that you do not trust, change its password too',
  );
}
