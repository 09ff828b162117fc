import type { TrainEvent } from '#contracts/trainer-messages.js';
import type { Row } from '../rows/row.js';
import { mostStateBytes, stateBytes, stateReader, statesBelow, type TextStates } from './frozen-states.js';
import { poolRows } from './pooled-states.js';
import type { TrainHost } from '../signals.js';
import { heard, note, type Run } from '../tune/run.js';

const what = 'reading the texts once';

/** What the network makes of a text that is the same at every step, of every text that the run will meet:
 *  what a head alone reads, or the states in front of the lowest layer that is trained. Where those take more
 *  than the host lets a trial keep, nothing is kept. */
export async function* readOnce(run: Run, host: TrainHost): AsyncGenerator<TrainEvent, void> {
  const { model, gang, answerer } = run;
  const { longest } = run.task;
  const targets = gang.answers.pooledTargets;
  if (gang.headAlone && targets) {
    const read = yield* heard(
      run,
      poolRows(model, rowsOf(run), { longest, head: gang.answers.head, targets }),
      what,
    );
    run.answerer = { ...answerer, read };
    return;
  }
  const below = gang.frozenBelow;
  if (below.length === 0) return;
  const [rows, most] = [rowsOf(run), host.stateBytes ?? mostStateBytes];
  const bytes = new Set(below.map((p) => p.shift)).size * stateBytes(model, rows);
  if (bytes > most) {
    const line = `the states below layer ${below[0]!.layer} take ${mib(bytes)}, and ${mib(most)} may be kept: they are computed at every step`;
    host.log(line);
    yield* run.members.map((m, i) => note(m, run.records[i]!.step, line));
    return;
  }
  const texts = { rows, longest, task: JSON.stringify(run.members[0]!.config.task) };
  const states: TextStates[] = [];
  for (const part of below) states.push(yield* heard(run, statesBelow(model, part, texts), what));
  run.answerer = { ...answerer, read: stateReader(answerer.read, states, model.dModel) };
}

function rowsOf(run: Run): Row[] {
  const { steps, accumulation } = run.members[0]!.config.training;
  const indices = new Set<number>();
  for (const order of run.orders) {
    for (let pass = 0; pass < steps * accumulation && indices.size < run.task.dataset.train.length; pass++)
      for (const i of order.batchAt(pass)) indices.add(i);
  }
  const training = [...indices].map((i) => run.task.example('train', i));
  return [...training, ...run.task.all('validation'), ...run.task.all('test')].flatMap(({ rows }) => rows);
}

const mib = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
