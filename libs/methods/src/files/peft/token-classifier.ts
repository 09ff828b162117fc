import * as tf from '@tensorflow/tfjs';
import type { Method } from '#contracts/method.js';
import type { Parameters, PeftLayout } from '../../method.js';

/** A tagger's files as peft writes those of task_type TOKEN_CLS: the method's, under a base model that carries the encoder behind its family's name,
 *  and the head [C, D], which peft saves whole. Prompts have a head one name less deep. */
export function tokenClassifierLayout(of: PeftLayout<Method>): PeftLayout<Method> {
  return {
    ...(of.carries && { carries: of.carries }),

    config: (config, model) => ({
      ...of.config(config, model),
      task_type: 'TOKEN_CLS',
      modules_to_save: ['classifier', 'score'],
    }),

    tensors(parameters, config, model) {
      const { [weight]: w, [bias]: b, ...own } = parameters;
      const written = of.tensors(own, config, model);
      const head = Object.hasOwn(written, 'prompt_embeddings') ? shallow : deep;
      return {
        ...renamed(written, (name) => (name.startsWith(deep) ? `${deep}${model.family}.${name.slice(deep.length)}` : name)),
        [head + weight]: tf.transpose(w!),
        [head + bias]: b!,
      };
    },

    parameters(tensors, written, model) {
      const head = Object.hasOwn(tensors, shallow + weight) ? shallow : deep;
      const { [head + weight]: w, [head + bias]: b, ...own } = tensors;
      if (!w || !b) throw new Error(`the adapter is of task_type TOKEN_CLS, and has no ${head + (w ? bias : weight)}`);
      const bare = renamed(own, (name) => name.replace(`${deep}${model.family}.`, deep));
      const { config, parameters } = of.parameters(bare, written, model);
      const transposed: Parameters = { [weight]: tf.transpose(w), [bias]: b };
      w.dispose();
      return { config, parameters: { ...parameters, ...transposed } };
    },
  };
}

const [weight, bias] = ['classifier.weight', 'classifier.bias'] as const;
const shallow = 'base_model.';
const deep = 'base_model.model.';

const renamed = (tensors: Parameters, name: (old: string) => string): Parameters =>
  Object.fromEntries(Object.entries(tensors).map(([old, t]) => [name(old), t]));
