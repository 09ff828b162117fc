import { Client, escapeIdentifier } from 'pg';

/** Calls `wake` after every notification on the channels, and after every reconnection, when some may have
 *  been missed. */
export async function listenTo(
  url: string,
  channels: string[],
  wake: (channel: string) => void,
): Promise<{ close(): Promise<void> }> {
  let closed = false;
  let client: Client;
  let retry: NodeJS.Timeout | undefined;
  const connect = async (): Promise<void> => {
    client = new Client({ connectionString: url, application_name: 'peftgrid-listen', keepAlive: true });
    const mine = client;
    const again = (): void => {
      if (closed || client !== mine || retry) return;
      retry = setTimeout(() => {
        retry = undefined;
        connect().then(() => channels.forEach(wake), again); // prettier-ignore
      }, 500);
    };
    client.on('error', again);
    client.on('end', again);
    client.on('notification', ({ channel }) => wake(channel));
    await client.connect();
    for (const channel of channels) await client.query(`listen ${escapeIdentifier(channel)}`);
  };
  await connect();
  const close = async (): Promise<void> => {
    closed = true;
    clearTimeout(retry);
    await client.end();
  };
  return { close };
}
