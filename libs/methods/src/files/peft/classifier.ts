import * as tf from '@tensorflow/tfjs';
import type { Method } from '#contracts/method.js';
import type { Model } from '#models/model.js';
import { denseBias, denseWeight, outBias, outWeight, poolerOf, withoutHead } from '../../heads/classifier.js';
import { formOf, type Head, type HeadForm } from '../../heads/form.js';
import type { Parameters, PeftLayout } from '../../method.js';

/** Of a text's head, and of one of its tokens. */
export const taskTypes = { text: 'SEQ_CLS', tokens: 'TOKEN_CLS' } as const;

/** A method's files with a head beside it, as peft writes those of task_type SEQ_CLS and TOKEN_CLS: the
 *  method's, under a base model that carries the backbone behind its family's name, and the head's layers,
 *  which peft saves whole. Prompts have a head one name less deep. */
export function classifierLayout(of: PeftLayout<Method>, head: Head): PeftLayout<Method> {
  return {
    ...of,

    config: (config, model) => ({
      ...of.config(config, model),
      task_type: taskTypes[head.of],
      modules_to_save: formOf(model, head).saved,
    }),

    tensors(parameters, config, model) {
      const form = formOf(model, head);
      const written = of.tensors(withoutHead(parameters), config, model);
      const at = Object.hasOwn(written, 'prompt_embeddings') ? shallow : deep;
      return {
        ...renamed(written, (name) =>
          name.startsWith(deep) ? `${deep}${form.base}${name.slice(deep.length)}` : name,
        ),
        ...renamed(headLayers(form, parameters), (name) => at + name),
      };
    },

    parameters(tensors, written, model) {
      const form = formOf(model, head);
      const at = Object.hasOwn(tensors, `${shallow}${form.out}.weight`) ? shallow : deep;
      const names = Object.fromEntries(layersOf(form).map(([own, file]) => [at + file, own]));
      const rest = Object.fromEntries(
        Object.entries(tensors).filter(([name]) => !Object.hasOwn(names, name)),
      );
      const found = readLayers(form, at, tensors, model);
      const bare = renamed(rest, (name) => name.replace(`${deep}${form.base}`, deep));
      const { config, parameters } = of.parameters(bare, written, model);
      return { config, parameters: { ...parameters, ...found } };
    },
  };
}

/** A head's tensors by transformers' names, weights as [out, in]: made ones, and biases that are the
 *  parameters' own. */
export function headLayers(form: HeadForm, parameters: Parameters): Parameters {
  return Object.fromEntries(
    layersOf(form).map(([own, file]) => {
      const t = parameters[own]!;
      return [file, t.rank === 2 ? tf.transpose(t) : t];
    }),
  );
}

/** Our names and transformers'. */
function layersOf({ dense, out, bias }: HeadForm): [string, string][] {
  return [
    ...(dense === null ? [] : ([[denseWeight, `${dense}.weight`], [denseBias, `${dense}.bias`]] as [string, string][])),
    [outWeight, `${out}.weight`],
    ...(bias ? ([[outBias, `${out}.bias`]] as [string, string][]) : []),
  ]; // prettier-ignore
}

/** A head's parameters from its tensors by transformers' names, as headLayers gives them; takes them over.
 *  Throws where one is missing. */
export const headParameters = (form: HeadForm, tensors: Parameters, model: Model): Parameters =>
  readLayers(form, '', tensors, model);

/** transformers' names of a head's tensors. */
export const headNames = (form: HeadForm): string[] => layersOf(form).map(([, file]) => file);

/** The way back; what was replaced is freed. Where peft left the pooler as it was, it is the checkpoint's. */
function readLayers(form: HeadForm, at: string, tensors: Parameters, model: Model): Parameters {
  const pooler = form.beginsPooled && !tensors[`${at}${form.dense}.weight`] ? poolerOf(model) : {};
  return Object.fromEntries(
    layersOf(form).map(([own, file]) => {
      if (pooler[own]) return [own, pooler[own]];
      const t = tensors[at + file];
      if (!t) throw new Error(`the adapter is of a classifier, and has no ${at + file}`);
      if (t.rank !== 2) return [own, t];
      const transposed = tf.transpose(t);
      t.dispose();
      return [own, transposed];
    }),
  );
}

const shallow = 'base_model.';
const deep = 'base_model.model.';

const renamed = (tensors: Parameters, name: (old: string) => string): Parameters =>
  Object.fromEntries(Object.entries(tensors).map(([old, t]) => [name(old), t]));
