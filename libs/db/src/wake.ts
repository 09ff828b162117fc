import { dispatchChannel } from './channels.js';
import { command, type Connection } from './statement.js';

const wake = command('wake-dispatcher', `select pg_notify('${dispatchChannel}', '')`);

/** Wakes the dispatcher, within a transition when it commits. */
export async function wakeDispatcher(on: Connection): Promise<void> {
  await wake(on, []);
}
