import { parseArgs } from 'node:util';
import { busyCores, machine } from './machine.js';
import { type Figure, figure, figureTable } from './orchestrator/figures.js';
import {
  type Extent,
  fillQueue,
  measureDispatch,
  measureLargeSubmission,
  measureMetrics,
  measureRate,
  measureRestart,
  measureSubmissions,
  measureWorkers,
  quick,
  whole,
} from './orchestrator/measures.js';
import { quickPeers, wholePeers, withPeers } from './orchestrator/peers.js';
import { measureRestarts } from './orchestrator/restarts.js';
import { Stack } from './orchestrator/stack.js';

/** `peftgrid bench orchestrator [--peers | --restart] [--json] [--quick]`: submissions, dispatch, metrics,
 *  many workers and a restart of Postgres, with workers that train nothing. The API, Postgres, Redis and the
 *  workers are processes of their own on this machine, which does nothing else. --quick measures small and is
 *  for trying out: its figures mean nothing beside the targets. --peers adds Optuna on the same Postgres and
 *  Ray Tune. --restart measures each of these with Postgres restarted in its middle, and what was lost, is
 *  wrong or is there twice. The last line is a JSON array of { id, value, unit, target, met, peer, peer_value
 *  }. */

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      peers: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      restart: { type: 'boolean', default: false },
    },
  });
  if (values.peers && values.restart) throw new Error('expected --peers or --restart: no peer is restarted');
  const busy = busyCores();
  const began = performance.now();
  const figures = await measured(values);
  say(machine(busy));
  say(`took ${Math.round((performance.now() - began) / 1e3)} s`);
  if (!values.json) process.stdout.write(`${figureTable(figures)}\n`);
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

async function measured(how: { peers: boolean; quick: boolean; restart: boolean }): Promise<Figure[]> {
  const stack = await Stack.start();
  try {
    if (how.restart) return await measureRestarts(stack, how.quick ? quick : whole);
    const ours = await measure(stack, how.quick ? quick : whole);
    if (!how.peers) return ours;
    await stack.rest();
    return await withPeers(ours, stack, how.quick ? quickPeers : wholePeers, say);
  } finally {
    await stack.stop();
  }
}

async function measure(stack: Stack, extent: Extent): Promise<Figure[]> {
  const figures: Figure[] = [];
  const add = (...some: Figure[]): void => {
    for (const f of some)
      say(`${f.id}: ${f.value} ${f.unit}${f.met === false ? ` (target ${f.target})` : ''}`);
    figures.push(...some);
  };
  const rate = async (id: string, slots: number): Promise<void> =>
    add(figure(id, await measureRate(stack, slots, extent.seconds)));
  add(...(await measureSubmissions(stack, extent)));

  await stack.createDatabase('large');
  await stack.serve('large', 'postgres');
  await fillQueue(stack, extent.some);
  await rate('trials-postgres-4', 4);
  await rate('trials-postgres-16', 16);
  add(...(await measureLargeSubmission(stack, extent)));
  await rate('trials-postgres-16-of-100k', 16);
  add(...(await measureDispatch(stack, 'postgres', extent)));
  add(...(await measureMetrics(stack, extent)));
  add(...(await measureRestart(stack)));
  add(...(await measureWorkers(stack, extent)));

  await stack.createDatabase('redis');
  await stack.serve('redis', 'redis');
  await fillQueue(stack, extent.some);
  await rate('trials-redis-4', 4);
  await rate('trials-redis-16', 16);
  await fillQueue(stack, extent.many);
  await rate('trials-redis-16-of-100k', 16);
  add(...(await measureDispatch(stack, 'redis', extent)));
  return figures;
}

main().catch((error: Error) => {
  say(`peftgrid bench orchestrator: ${error.message}`);
  process.exitCode = 1;
});
