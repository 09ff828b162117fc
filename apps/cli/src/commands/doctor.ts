import { spawnSync } from 'node:child_process';
import { mkdirSync, statfsSync } from 'node:fs';
import { findLibrary, peftgridHome } from '#engine/install/library.js';
import { answers, connectIfAny } from '../connect.js';
import { diskUseOf } from '../disk-use.js';
import { homeFault } from '../home-fault.js';
import { megabytes } from '../megabytes.js';
import { type Common, print, printJson } from '../output.js';
import { readServer } from '../server-record.js';

interface Finding {
  what: string;
  good: boolean | null; // null: not there, and not always needed
  detail: string;
}

/** `peftgrid doctor`: a line for everything that is needed on this machine; ends with 1 where something is
 *  wrong. */
export async function doctor({ json }: Common): Promise<void> {
  const home = peftgridHome();
  const findings = [
    node(),
    disk(home),
    engine(home),
    program('pip', 'python3', ['-m', 'pip', '--version']),
    await server(home),
  ];
  findings.push(...(await use(home)));
  if (findings.some((f) => f.good === false)) process.exitCode = 1;
  if (json) return printJson(findings);
  const mark = (good: boolean | null) => (good === null ? '–' : good ? '✓' : '✗');
  print(findings.map((f) => `${mark(f.good)} ${f.what.padEnd(9)} ${f.detail}`).join('\n'));
}

const node = (): Finding => ({
  what: 'node',
  good: true,
  detail: `${process.version} on ${process.platform} ${process.arch}`,
});

function disk(home: string): Finding {
  try {
    mkdirSync(home, { recursive: true });
    const { bavail, bsize } = statfsSync(home);
    const free = (bavail * bsize) / 1e9;
    return { what: 'disk', good: free > 2, detail: `${free.toFixed(1)} GB free for ${home}` };
  } catch (error) {
    return { what: 'disk', good: false, detail: (homeFault(error, home) as Error).message };
  }
}

function engine(home: string): Finding {
  try {
    return {
      what: 'engine',
      good: true,
      detail: `${findLibrary(home).library}; ./peftgrid engine doctor looks closer`,
    };
  } catch (error) {
    return { what: 'engine', good: false, detail: (error as Error).message };
  }
}

function program(what: string, command: string, args: string[]): Finding {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return { what, good: true, detail: stdout.split(' from ')[0]!.trim() };
  return {
    what,
    good: null,
    detail: `${command} ${args.join(' ')} does not run; it is needed once, to fetch the engine`,
  };
}

/** What takes room: in the artifact store by kind, where a server runs, and in this home. */
async function use(home: string): Promise<Finding[]> {
  const said = (kinds: { kind: string; bytes: number }[]) =>
    kinds.map(({ kind, bytes }) => `${kind} ${megabytes(bytes)}`).join(', ') || 'nothing';
  const here: Finding = { what: 'home', good: true, detail: said(diskUseOf(home)) };
  const server = await connectIfAny().catch(() => null);
  if (!server) return [here];
  try {
    const { store, kinds } = await server.client.diskUse();
    const named = kinds.map(({ kind, bytes }) => ({
      kind: kind === 'nothing' ? 'named by nothing' : kind,
      bytes,
    }));
    return [here, { what: 'artifacts', good: true, detail: `${said(named)}; in ${store}` }];
  } catch (error) {
    return [here, { what: 'artifacts', good: false, detail: (error as Error).message }];
  }
}

async function server(home: string): Promise<Finding> {
  const url = process.env['PEFTGRID_URL'] ?? readServer(home)?.url;
  if (!url) return { what: 'server', good: null, detail: 'none is running; ./peftgrid up starts one' };
  const there = await answers(url);
  return { what: 'server', good: there, detail: there ? url : `${url} does not answer` };
}
