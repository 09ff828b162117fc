import * as tf from '@tensorflow/tfjs';
import type { Parameters } from '#methods/method.js';
import { headOf } from '#methods/heads/classifier.js';
import { trainedParameters } from '#methods/files/trained-parameters.js';
import type { Model } from '#models/model.js';
import type { TuneMember } from './member.js';

/** What each member's parameters begin with in place of their initialisation, by name; undefined where it
 *  starts from nobody's, or goes on from a resume state. The caller owns the tensors. */
export async function startsOf(
  members: readonly TuneMember[],
  model: Model,
): Promise<(Parameters | undefined)[]> {
  const starts: (Parameters | undefined)[] = [];
  for (const member of members)
    starts.push(member.resumeFolder === null ? await startOf(member, model) : undefined);
  return starts;
}

/** What a member's parameters began with, whether or not it goes on from a resume state. Throws where its
 *  source left none. */
export async function startOf(
  { config, sourceFolder }: TuneMember,
  model: Model,
): Promise<Parameters | undefined> {
  if (!config.from) return undefined;
  if (!sourceFolder) throw new Error('from: the trial that this one starts from left no parameters');
  return trainedParameters(sourceFolder, model, config.method);
}

/** A member's initial parameters with those in place that it starts from; takes over both. A head that is not
 *  among those stays as it was initialised. Throws where a parameter is missing or misshapen. */
export function begunWith(initial: Parameters, start: Parameters | undefined): Parameters {
  if (!start) return initial;
  try {
    return overlaid(initial, start);
  } catch (error) {
    tf.dispose([initial, start]);
    throw error;
  }
}

function overlaid(initial: Parameters, start: Parameters): Parameters {
  const head = headOf(initial);
  const begun = Object.entries(initial).map(([name, t]): [string, tf.Tensor] => {
    if (name in head && !(name in start)) return [name, t];
    const found = start[name];
    if (!found) throw new Error(`the source has no parameter ${name}`);
    if (`${found.shape}` !== `${t.shape}`)
      throw new Error(`the source's parameter ${name} is [${found.shape}]; expected [${t.shape}]`);
    return [name, found];
  });
  const kept = new Set(begun.map(([, t]) => t));
  tf.dispose([...Object.values(initial), ...Object.values(start)].filter((t) => !kept.has(t)));
  return Object.fromEntries(begun);
}
