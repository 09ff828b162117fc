/** train(): what a trainer process does with trials. It yields events and returns verdicts; it knows no
 *  queue, database or HTTP. */
import type { Member, TrainEvent, Verdict } from '#contracts/trainer-messages.js';
import type { AdaptConfig, PretrainConfig } from '#contracts/trial.js';
import { startEngine } from '#engine/native/start.js';
import { TooFewPositions } from '#models/positions.js';
import { SlowTokenizer } from '#models/tokenizer-time.js';
import { evaluateTrial } from './evaluate/evaluate.js';
import type { EvaluateMember } from './evaluate/member.js';
import { gangsOf } from './gang/gangs-of.js';
import { placedMember, saidOf, verifiedInputs } from './local-inputs.js';
import { pretrain } from './pretrain/pretrain.js';
import { HostFault, hostFault } from './host-fault.js';
import { InvalidTrial, TrainingAborted, type TrainHost, type TrainSignal } from './signals.js';
import { tune } from './tune/tune.js';
import type { TuneMember } from './tune/member.js';

/** Trains the members; those that cannot share a step are trained one after the other. A verdict for each, in
 *  their order. Throws TrainingAborted within one step of `signal.aborted`, and HostFault where the machine
 *  fails: then no verdict holds, and the trials are to be given back. */
export async function* train(
  members: readonly Member[],
  signal: TrainSignal,
  host: TrainHost,
): AsyncGenerator<TrainEvent, Verdict[]> {
  const verdicts = new Map<string, Verdict>();
  const ready: Member[] = [];
  for (const member of members) {
    try {
      await verifiedInputs(member, host);
      ready.push(placedMember(member));
    } catch (error) {
      const fault = hostFault(error);
      if (fault) throw new HostFault(fault, { cause: error });
      verdicts.set(member.attemptId, failed(member, error));
    }
  }
  for (const gang of gangsOf(ready)) {
    for (const verdict of yield* judge(gang, signal, host)) verdicts.set(verdict.attemptId, verdict);
  }
  return members.map((m) => verdicts.get(m.attemptId)!);
}

/** The gang's own verdicts, or one for all where it could not go on. */
async function* judge(
  gang: Member[],
  signal: TrainSignal,
  host: TrainHost,
): AsyncGenerator<TrainEvent, Verdict[]> {
  if (signal.aborted) throw new TrainingAborted();
  try {
    await startEngine({ home: host.home });
    if (gang[0]!.config.stage === 'evaluate')
      return [yield* evaluateTrial(gang[0] as EvaluateMember, signal, host)];
    if (gang[0]!.config.stage === 'tune') return yield* tune(gang as TuneMember[], signal, host);
    return [yield* pretrain(gang[0] as Member & { config: PretrainConfig | AdaptConfig }, signal, host)];
  } catch (error) {
    if (error instanceof TrainingAborted) throw error;
    const fault = hostFault(error);
    if (fault) throw new HostFault(fault, { cause: error });
    const { cause, message } = failure(error);
    if (cause === 'error') host.log(error instanceof Error ? (error.stack ?? message) : message);
    return gang.map((member) => failed(member, error));
  }
}

function failed(member: Member, error: unknown): Verdict {
  const { cause, message } = failure(error);
  return { verdict: 'failed', attemptId: member.attemptId, cause, message: saidOf(member, message) };
}

const exhausted =
  /out of memory|\bOOM\b|resource.?exhausted|bad_alloc|allocation failed|invalid array length/i;
const invalid = [InvalidTrial, TooFewPositions, SlowTokenizer]; // to try again would not help

function failure(error: unknown): { cause: 'invalid' | 'oom' | 'error'; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  if (invalid.some((known) => error instanceof known)) return { cause: 'invalid', message };
  return { cause: exhausted.test(message) ? 'oom' : 'error', message };
}
