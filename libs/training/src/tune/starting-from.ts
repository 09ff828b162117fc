import * as tf from '@tensorflow/tfjs';
import type { Parameters } from '#methods/method.js';
import { adapterOf, type TuneConfig } from '#contracts/trial.js';
import { existingAdapter } from '#methods/files/existing-adapter.js';
import { headOf, withoutHead } from '#methods/heads/classifier.js';
import { sizesOf } from '#methods/members/shapes.js';
import { trainedParameters } from '#methods/files/trained-parameters.js';
import type { Model } from '#models/model.js';
import type { Answering } from '../answers/answering.js';
import { invalid } from '../signals.js';
import { methodFor } from './method-for.js';
import type { TuneMember } from './member.js';

/** What each member's parameters begin with in place of their initialisation, by name; undefined where it
 *  starts from nobody's, or goes on from a resume state. The caller owns the tensors. */
export async function startsOf(
  members: readonly TuneMember[],
  model: Model,
  answers: Answered,
): Promise<(Parameters | undefined)[]> {
  const starts: (Parameters | undefined)[] = [];
  for (const member of members)
    starts.push(member.resumeFolder === null ? await startOf(member, model, answers) : undefined);
  return starts;
}

type Answered = Pick<Answering, 'head' | 'labels'>;

/** What a member's parameters began with, whether or not it goes on from a resume state. Throws where its
 *  source left none, and InvalidTrial where the adapter that it names is no start. */
export async function startOf(
  { config, sourceFolder }: TuneMember,
  model: Model,
  answers: Answered,
): Promise<Parameters | undefined> {
  const adapter = adapterOf(config);
  if (adapter !== undefined)
    return invalid(() => fitted(existingAdapter(adapter, model, config.method), { config, model, answers }));
  if (!config.from) return undefined;
  if (!sourceFolder) throw new Error('from: the trial that this one starts from left no parameters');
  return trainedParameters(sourceFolder, model, config.method);
}

/** An adapter's parameters without a head of other outputs, which is left to begin anew where anything is
 *  trained. Throws where it has more than the trial's method, or less where nothing is trained. */
function fitted(start: Parameters, of: { config: TuneConfig; model: Model; answers: Answered }): Parameters {
  const { config, model, answers } = of;
  const shapes = methodFor(config.method, answers).shapes(config.method, model, answers.labels);
  const fits = (name: string, t: tf.Tensor) => shapes[name] && `${sizesOf(shapes[name])}` === `${t.shape}`;
  const head = headOf(start);
  const misfit = Object.entries(head).some(([name, t]) => !fits(name, t));
  if (misfit && config.training.steps > 0) {
    tf.dispose(head);
    return withoutHead(start);
  }
  const more = Object.keys(start).find((name) => !shapes[name]);
  const less = config.training.steps === 0 && Object.keys(shapes).find((name) => !start[name]);
  if (more === undefined && !less) return start;
  tf.dispose(start);
  throw new Error(
    more === undefined
      ? `from: the adapter has no ${less}, and training.steps is 0`
      : `from: the adapter has ${more}, and the trial's method lacks it`,
  );
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
