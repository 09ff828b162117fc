/** Adapters that exist already, as a config names them: which files are read, and what they say of
 *  themselves. */
import { z } from 'zod';
import type { MethodName } from './method.js';

/** Whether a path is that of a file that holds a prompt alone; else it is an adapter's folder. */
export const isPromptFile = (path: string): boolean => /\.(npy|safetensors)$/i.test(path);

const peftFiles = ['adapter_config.json', 'adapter_model.safetensors'];
const ownFiles = ['method_config.json', 'method.safetensors'];
const beside = ['labels.json', 'tags.json'];

/** Which files of an adapter's folder are read. Empty where it holds none: neither Hugging Face peft's nor an
 *  export's. */
export function adapterFiles(names: readonly string[]): string[] {
  const layout = [peftFiles, ownFiles].find((files) => files.every((file) => names.includes(file)));
  return layout ? [...layout, ...beside.filter((file) => names.includes(file))].toSorted() : [];
}

/** What an adapter says of itself without its backbone. */
export interface AdapterFacts {
  method: MethodName | null; // null: of a method that is not known here
  written: string; // how it says it: 'peft_type "LORA"'
  length?: number; // virtual tokens
  rank?: number;
  width?: number; // of its virtual tokens
}

const PeftConfig = z.looseObject({
  peft_type: z.string(),
  num_virtual_tokens: z.number().nullish(),
  token_dim: z.number().nullish(),
  r: z.number().nullish(),
  use_dora: z.boolean().nullish(),
});

const methods: Readonly<Record<string, MethodName>> = {
  PROMPT_TUNING: 'prompt-tuning',
  P_TUNING: 'p-tuning',
  PREFIX_TUNING: 'prefix-tuning',
  LORA: 'lora',
  ADALORA: 'adalora',
  IA3: 'ia3',
  VERA: 'vera',
};

/** Of an adapter_config.json. Throws an Error where it is none. */
export function peftFacts(text: string): AdapterFacts {
  const { peft_type: type, num_virtual_tokens: length, ...rest } = PeftConfig.parse(JSON.parse(text));
  const method = rest.use_dora ? 'dora' : Object.hasOwn(methods, type) ? methods[type]! : null;
  return {
    method,
    written: `peft_type "${type}"`,
    ...(typeof length === 'number' && { length }),
    ...(method === 'lora' && typeof rest.r === 'number' && { rank: rest.r }),
    ...(typeof rest.token_dim === 'number' && method?.startsWith('p') && method !== 'prefix-tuning'
      ? { width: rest.token_dim }
      : {}),
  };
}

const OwnConfig = z.looseObject({
  method: z.looseObject({ name: z.string(), length: z.number().optional(), rank: z.number().optional() }),
});

/** Of a method_config.json. Throws an Error where it is none. */
export function ownFacts(text: string): AdapterFacts {
  const { name, length, rank } = OwnConfig.parse(JSON.parse(text)).method;
  const sizes = { ...(length !== undefined && { length }), ...(rank !== undefined && { rank }) };
  return { method: name as MethodName, written: `method "${name}"`, ...sizes };
}

/** Of a prompt [P, D] in a file. */
export const promptFacts = ([length, width]: readonly [number, number]): AdapterFacts => ({
  method: 'prompt-tuning',
  written: `a prompt [${length}, ${width}]`,
  length,
  width,
});
