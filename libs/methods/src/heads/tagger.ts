import * as tf from '@tensorflow/tfjs';
import { type Method, trainsHead } from '#contracts/method.js';
import { classifierShapes, classify } from './classifier.js';
import { firstStack, layersOf } from '../members/frozen-part.js';
import type { MethodImplementation, Parameters, Pass } from '../method.js';
import { tokenClassifierLayout } from '../files/peft/token-classifier.js';
import { countOf, stackPadded, unstackEqual } from '../members/stacking.js';
import { methodOf } from '../table.js';

/** The method as it tags words: what it trains, and beside it a linear head on the final state of every token, from zero, as in BERT's and P-tuning
 *  v2's token classification. A method with a head of its own keeps that one. Parameters: the method's, and dModel x tags + tags. */
export function taggerOf(config: Method): MethodImplementation<Method> {
  const method = methodOf(config);
  const tagger = trainsHead(config) ? aboveFrozen(method) : withHead(method);
  return {
    ...tagger,
    check(config, model) {
      method.check(config, model);
      if (model.kind !== 'encoder')
        throw new Error(
          `words are tagged by an encoder's states, and this model is of kind ${model.kind}; expected BERT or RoBERTa`,
        );
      if (method.reading?.(config, model))
        throw new Error(
          `method ${config.name} puts tokens among the words, and a tagger needs theirs alone; expected no template`,
        );
    },
  };
}

/** What a head alone reads is not one state a text but all of them: those in front of a layer that is not there. */
function aboveFrozen(method: MethodImplementation<Method>): MethodImplementation<Method> {
  if (!method.headAlone) return method;
  return {
    ...method,
    headAlone: false,
    frozenBelow: (_config, model) => ({ layer: layersOf(firstStack(model), model), shift: 0 }),
  };
}

function withHead(method: MethodImplementation<Method>): MethodImplementation<Method> {
  const { penalty, extraState, afterStep, fold, peft, ...plain } = method;
  const passOf = (pass: Pass<Method>): Pass<Method> => ({ ...pass, parameters: withoutHead(pass.parameters) });
  return {
    ...plain,

    init: (config, model, labels, seed) => ({
      ...method.init(config, model, labels, seed),
      ...mapped(classifierShapes(model, labels), (shape) => tf.zeros(shape)),
    }),

    stack(configs, members, room) {
      const { parameters, constants } = method.stack(configs, members.map(withoutHead), room);
      return { parameters: { ...parameters, ...stackPadded(members.map(headOf)) }, constants };
    },

    unstack: (config, parameters, member) => ({
      ...method.unstack(config, withoutHead(parameters), member),
      ...unstackEqual(headOf(parameters), member),
    }),

    adapt: (pass) => ({ ...method.adapt(passOf(pass)), head: classify(headOf(pass.parameters)) }),

    weights: (frozen, parameters, config) => method.weights(frozen, withoutHead(parameters), config),

    ...(penalty && { penalty: (pass) => penalty(passOf(pass)) }),

    ...(extraState && { extraState: (parameters) => extraState(withoutHead(parameters)) }),

    ...(afterStep && {
      afterStep: (pass, after) => afterStep(passOf(pass), { ...after, gradients: withoutHead(after.gradients) }),
    }),

    ...(fold && {
      fold(config, model, parameters) {
        const folded = fold(config, model, withoutHead(parameters));
        return { ...folded, parameters: { ...folded.parameters, ...headOf(parameters) } };
      },
    }),

    ...(peft && { peft: tokenClassifierLayout(peft) }),

    count: (config, model, labels) => method.count(config, model, labels) + countOf(classifierShapes(model, labels)),
  };
}

const ofHead = (name: string): boolean => name.startsWith('classifier.');

/** The head's parameters among a tagger's. */
export const headOf = (parameters: Parameters): Parameters => chosen(parameters, ofHead);

export const withoutHead = (parameters: Parameters): Parameters => chosen(parameters, (name) => !ofHead(name));

/** The same as what a token classifier's files hold. */
export const classifierOf = (parameters: Parameters): { weight: tf.Tensor; bias: tf.Tensor } => ({
  weight: parameters['classifier.weight']!,
  bias: parameters['classifier.bias']!,
});

const chosen = (parameters: Parameters, by: (name: string) => boolean): Parameters =>
  Object.fromEntries(Object.entries(parameters).filter(([name]) => by(name)));

const mapped = (shapes: Record<string, number[]>, f: (shape: number[]) => tf.Tensor): Parameters =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, f(shape)]));
