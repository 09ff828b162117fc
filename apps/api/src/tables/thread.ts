/** The thread that makes tables: a table of a hundred thousand cells takes a second of a processor, in which
 *  nobody is to wait for an answer or for the dispatcher. It keeps what it has read, and the answers that
 *  still hold. */
import { parentPort, workerData } from 'node:worker_threads';
import { joinedCells } from '#analysis/joined-cells.js';
import type { CellView } from '#contracts/experiment.js';
import type { Where } from '#contracts/where.js';
import { type Database, openDatabase } from '#db/database.js';
import { valuesOfKnob } from '#db/knobs.js';
import { databaseAway } from '../database-away.js';
import { Refused } from '../refused.js';
import { scalingAnswer, tableAnswer } from './answered.js';
import { KeptAnswers } from './kept-answers.js';
import { type KeptExperiment, KeptExperiments } from './kept-experiments.js';
import type { FromThread, TableAnswer, TableAsk, ToThread } from './messages.js';

const port = parentPort!;
let opened: Promise<{ db: Database; kept: KeptExperiments }> | null = null;
const answers = new KeptAnswers();

/** The database, opened when it is first asked for, and again where it was away then. */
function open(): Promise<{ db: Database; kept: KeptExperiments }> {
  const { databaseUrl } = workerData as { databaseUrl: string };
  opened ??= openDatabase(databaseUrl, 2).then((db) => ({ db, kept: new KeptExperiments(db) }));
  opened.catch(() => (opened = null));
  return opened;
}

async function answerTo(ask: TableAsk): Promise<TableAnswer> {
  const { kept } = await open();
  const experiments = await kept.current(ask.experiments);
  const gone = ask.experiments.find((id) => !experiments.some((e) => e.id === id));
  if (gone !== undefined) throw new Refused(404, `there is no experiment ${gone}`);
  const versions = experiments.map((e) => e.version).join();
  const known = answers.get(ask, versions);
  if (known) return known;
  const answer = await made(ask, experiments);
  answers.keep(ask, versions, answer);
  return answer;
}

async function made(ask: TableAsk, experiments: KeptExperiment[]): Promise<TableAnswer> {
  const { where = [] } = ask.query;
  const chosen: { id: string; name: string; cells: readonly CellView[] }[] = [];
  for (const kept of experiments)
    chosen.push({ id: kept.id, name: kept.name, cells: await choose(kept, where) });
  const none = chosen.every(({ cells }) => cells.length === 0);
  if (where.length && none)
    throw new Refused(400, 'no cell fulfils the conditions', await whatThereIs(chosen[0]!.id, where));
  const cells = ask.kind === 'table' && ask.joined ? joinedCells(chosen) : chosen[0]!.cells;
  return ask.kind === 'table' ? tableAnswer(cells, ask.query) : scalingAnswer(cells, ask.query);
}

async function choose(experiment: KeptExperiment, where: readonly Where[]): Promise<readonly CellView[]> {
  if (where.length === 0) return experiment.cells;
  const { kept } = await open();
  return kept.fulfilling(experiment, where);
}

async function whatThereIs(
  id: string,
  where: readonly Where[],
): Promise<{ path: string; message: string }[]> {
  const { db } = await open();
  const texts = where.map(async ({ knob, value }) => {
    const values = await valuesOfKnob(db, id, knob);
    return { path: 'where', message: `${knob} is asked to be ${value}; it is ${values.join(', ')}` };
  });
  return Promise.all(texts);
}

async function say({ id, ask }: ToThread): Promise<FromThread> {
  try {
    return { id, kind: 'answer', answer: await answerTo(ask) };
  } catch (error) {
    const refused = error instanceof Refused ? error : databaseAway(error);
    if (refused)
      return { id, kind: 'refused', status: refused.status, title: refused.message, issues: refused.issues };
    const { message, stack } = error as Error;
    if (!(error instanceof RangeError)) return { id, kind: 'failed', message: stack ?? message };
    return {
      id,
      kind: 'refused',
      status: 400,
      title: 'there is no such table',
      issues: [{ path: '', message }],
    };
  }
}

port.on('message', (message: ToThread) => {
  void say(message).then((reply) => port.postMessage(reply));
});
