import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Member, TrainerCommand, type TrainerReply, type Verdict } from '#contracts/trainer-messages.js';
import { computerOf } from '#training/tune/provenance.js';
import { HostFault } from '#training/host-fault.js';
import { InvalidTrial, TrainingAborted, type TrainHost, type TrainSignal } from '#training/signals.js';
import { train } from '#training/train.js';
import { dieWithParent } from './die-with-parent.js';

/** The trainer: a child process that computes, and knows neither database nor queue. It is told what to train
 *  by its parent and answers with events and verdicts; backbones and compiled steps stay in memory from one
 *  gang to the next. */

const host: TrainHost = {
  home: process.env['PEFTGRID_HOME'] ?? join(homedir(), '.peftgrid'),
  log: (line) => void process.stderr.write(`${line}\n`),
};
const told = { cancelled: new Set<string>(), aborted: false };
const signal: TrainSignal = {
  cancelled: (attemptId) => told.cancelled.has(attemptId),
  get aborted() {
    return told.aborted;
  },
};

function obey(command: TrainerCommand): void {
  switch (command.type) {
    case 'train':
      told.cancelled.clear();
      told.aborted = false;
      return void trainGang(command.members).then(send, fail);
    case 'cancel':
      return void told.cancelled.add(command.attemptId);
    case 'abort':
      told.aborted = true;
      return;
    default:
      command satisfies never;
  }
}

async function trainGang(members: Member[]): Promise<TrainerReply> {
  try {
    const events = train(members, signal, host);
    for (;;) {
      const { done, value } = await events.next();
      if (done) return { type: 'verdicts', verdicts: value, rssBytes: process.memoryUsage.rss() };
      await send({ type: 'event', event: value });
    }
  } catch (error) {
    if (error instanceof TrainingAborted) return { type: 'aborted' };
    if (error instanceof HostFault) return { type: 'host-fault', message: error.message };
    host.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return {
      type: 'verdicts',
      verdicts: members.map((m) => judged(m, error)),
      rssBytes: process.memoryUsage.rss(),
    };
  }
}

function judged({ attemptId }: Member, error: unknown): Verdict {
  const message = error instanceof Error ? error.message : String(error);
  return {
    verdict: 'failed',
    attemptId,
    cause: error instanceof InvalidTrial ? 'invalid' : 'error',
    message,
  };
}

/** Resolves once the channel has taken the message: training goes no faster than it can be told about. */
function send(reply: TrainerReply): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send!(reply, undefined, {}, (error) => (error ? reject(error) : resolve()));
  });
}

function fail(error: unknown): void {
  host.log(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

async function main(): Promise<void> {
  dieWithParent();
  const { device, library } = await computerOf(); // starts the engine
  process.on('message', (message) => obey(TrainerCommand.parse(message)));
  await send({ type: 'ready', device, library, rssBytes: process.memoryUsage.rss() });
}

main().catch((error: Error) =>
  send({ type: 'unable', message: error.message }).finally(() => process.exit(1)),
);
