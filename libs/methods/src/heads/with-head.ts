import * as tf from '@tensorflow/tfjs';
import type { Method } from '#contracts/method.js';
import type { Model } from '#models/model.js';
import { classifierLayout } from '../files/peft/classifier.js';
import { firstStack, layersOf } from '../members/frozen-part.js';
import type { LabelSpace, MethodImplementation, Pass } from '../method.js';
import { classifierShapes, classify, headOf, initClassifier, withoutHead } from './classifier.js';
import { formOf, type Head, type HeadForm, outputsOf, ownForm } from './form.js';

type Implementation = MethodImplementation<Method>;

/** The method with a head trained next to it. Parameters: the method's, and the head's (classifier.ts). */
export function withHead(method: Implementation, head: Head): Implementation {
  const joined = joinedWith(method, {
    form: (model) => formOf(model, head),
    outputs: ({ words }) => outputsOf(head, words),
  });
  const { peft } = method;
  const check = head.of === 'tokens' ? checkTokens : checkText;
  return {
    ...(head.of === 'tokens' ? aboveFrozen(joined) : joined),

    check(config, model) {
      method.check(config, model);
      check(method, config, model);
    },

    ...(peft && { peft: classifierLayout(peft, head) }),
  };
}

/** The method with a linear head that is a part of it: on pooled states, with as many outputs as there are
 *  label words. */
export function withOwnHead(method: Implementation): Implementation {
  return joinedWith(method, { form: () => ownForm, outputs: ({ words }) => words.length });
}

function checkText(method: Implementation, config: Method, model: Model): void {
  if (method.reading?.(config, model)?.maskId !== undefined)
    throw new Error(
      'method.template has {mask}, where a label word would stand, and a head answers; expected no {mask}',
    );
}

function checkTokens(method: Implementation, config: Method, model: Model): void {
  if (model.kind !== 'encoder')
    throw new Error(
      `words are tagged by an encoder's states, and this model is of kind ${model.kind}; expected BERT, RoBERTa or MPNet`,
    );
  if (method.reading?.(config, model))
    throw new Error(
      `method ${config.name} puts tokens among the words, and a tagger needs theirs alone; expected no template`,
    );
}

/** What a head alone reads is not one state a text but all of them: those in front of a layer that is not
 *  there. */
function aboveFrozen(method: Implementation): Implementation {
  if (!method.headAlone) return method;
  return {
    ...method,
    headAlone: false,
    frozenBelow: (_config, model) => ({ layer: layersOf(firstStack(model), model), shift: 0 }),
  };
}

interface Joined {
  form(model: Model): HeadForm;
  outputs(labels: LabelSpace): number;
}

function joinedWith(method: Implementation, { form, outputs }: Joined): Implementation {
  const { penalty, extraState, afterStep, fold, merge, freeze, ...plain } = method;
  const passOf = (pass: Pass<Method>): Pass<Method> => ({
    ...pass,
    parameters: withoutHead(pass.parameters),
  });
  return {
    ...plain,

    shapes: (config, model, labels) => ({
      ...method.shapes(config, model, labels),
      ...classifierShapes(form(model), model, outputs(labels)),
    }),

    init: (config, model, labels, seed) => ({
      ...method.init(config, model, labels, seed),
      ...initClassifier(form(model), model, outputs(labels), seed),
    }),

    adapt: (pass) => ({
      ...method.adapt(passOf(pass)),
      head: classify(form(pass.model), headOf(pass.parameters), pass.draws),
    }),

    // A head that reads a decoder's state needs the decoder that a head alone would set aside.
    ...(freeze && {
      freeze(config, model) {
        if (!method.headAlone || form(model).reads !== 'end') return freeze(config, model);
        return Object.fromEntries(Object.entries(model.weights).map(([name, w]) => [name, tf.clone(w)]));
      },
    }),

    weights: (frozen, parameters, config) => method.weights(frozen, withoutHead(parameters), config),

    ...(penalty && { penalty: (pass) => penalty(passOf(pass)) }),

    ...(extraState && { extraState: (parameters) => extraState(withoutHead(parameters)) }),

    ...(afterStep && {
      afterStep: (pass, after) =>
        afterStep(passOf(pass), { ...after, gradients: withoutHead(after.gradients) }),
    }),

    ...(merge && { merge: (config, model, parameters) => merge(config, model, withoutHead(parameters)) }),

    ...(fold && {
      fold(config, model, parameters) {
        const folded = fold(config, model, withoutHead(parameters));
        return { ...folded, parameters: { ...folded.parameters, ...headOf(parameters) } };
      },
    }),
  };
}
