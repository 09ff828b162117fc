import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { TrainEvent } from '#contracts/trainer-messages.js';
import type { Tensors } from '#engine/step/step.js';
import type { Parameters } from '#methods/method.js';
import { readBack } from '#models/weights/read-back.js';
import type { StoredTensor } from '#models/weights/safetensors.js';
import { tensorsOf, writeResumeState } from './resume-state.js';
import { active, type Run } from './run.js';

/** By steps where the config says how many, else by time. */
export function resumeDue(run: Run, step: number): boolean {
  const { checkpointEvery } = run.members[0]!.config.training;
  if (checkpointEvery !== null) return step % checkpointEvery === 0;
  return performance.now() - run.savedAt > run.resumeEvery * 1e3;
}

/** A resume state of every member that is still trained. */
export function* save(run: Run, step: number): Generator<TrainEvent> {
  for (const m of active(run)) {
    const { attemptId, folder } = run.members[m]!;
    const state = run.gang.memberState(m);
    const to = join(folder, `resume-${step}`);
    writeResumeState(
      to,
      readBack({ ...prefixed('state/', state), ...prefixed('best/', run.best[m] ?? {}) }),
      run.records[m]!,
    );
    tf.dispose(state);
    yield { type: 'checkpoint', attemptId, kind: 'resume', step, folder: to };
  }
  run.savedAt = performance.now();
}

/** A resume state's tensors of the gang and of the best parameters so far. */
export function statesOf(stored: ReadonlyMap<string, StoredTensor>): {
  state: Tensors;
  best: Parameters | undefined;
} {
  const part = (prefix: string) =>
    tensorsOf(
      new Map([...stored].filter(([n]) => n.startsWith(prefix)).map(([n, t]) => [n.slice(prefix.length), t])),
    );
  const best = part('best/');
  return { state: part('state/'), best: Object.keys(best).length ? best : undefined };
}

const prefixed = (prefix: string, tensors: Tensors): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, t]) => [prefix + name, t]));
