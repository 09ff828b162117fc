import { visibleLine } from '#analysis/visible-text.js';
import { connect } from '../connect.js';
import { checkData, dataElsewhere, readGridFile, warn } from '../grid-file.js';
import { type Common, print, printJson, say } from '../output.js';
import { follow } from './watch.js';
import { counted } from '../counted.js';

interface Options extends Common {
  watch?: boolean;
  name?: string;
  priority?: number;
}

/** `peftgrid submit FILE [--watch]`: prints "NAME 1f3a09c2: 42 cells, 12 reused" with how to follow it; --json the experiment. */
export async function submit(file: string, options: Options): Promise<void> {
  const { request, plan } = readGridFile(file, options.name);
  warn(await checkData(request, plan, { elsewhere: dataElsewhere() }));
  const { client, url } = await connect();
  const named = { ...request, name: options.name ?? request.name, priority: options.priority ?? request.priority };
  const view = await client.submit(named);
  const id = view.id.slice(0, 8);
  const line = `${visibleLine(view.name)} ${id}: ${counted(view.cells, 'cell')}, ${view.reused} of them done or under way already`;
  if (options.watch) {
    say(line);
    return follow({ client, url }, view.id, options);
  }
  if (options.json) return printJson(view);
  print(line);
  say(`follow it with ./peftgrid watch ${id}, or at ${url}`);
}
