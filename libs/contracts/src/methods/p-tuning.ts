import { z } from 'zod';
import type { Carrier, Uncarried } from '../family.js';
import { parseTemplate } from '../template.js';

/** Pseudo tokens made by a prompt encoder, Liu et al. 2021 (P-tuning v1). */
export const PTuning = z.strictObject({
  name: z.literal('p-tuning'),
  length: z.int().min(1).max(10_000).default(9), // pseudo tokens
  encoder: z.enum(['lstm', 'mlp', 'none']).default('lstm'),
  // width of the encoder, even for an LSTM; null: the model's
  hidden: z.int().min(2).max(65_536).nullable().default(null),
  form: z.enum(['paper', 'peft']).default('paper'), // LSTM of hidden / 2 a direction; peft: of hidden
  /** Words around {text}, with pseudo tokens at {prompt} (`length` of them) or {prompt:3}, and the label's
   *  place at {mask}; null: the pseudo tokens, then the text. */
  template: z.string().max(10_000).superRefine(refuseTemplate).nullable().default(null),
  // learning rate of the language model over the prompt's; 0: frozen
  modelRate: z.number().min(0).max(1).default(0),
});
export type PTuning = z.infer<typeof PTuning>;

export function pTuningUncarried({ template }: PTuning, { kind, is }: Carrier): Uncarried | null {
  if (!template?.includes('{mask}') || kind === 'encoder') return null;
  const message = `has {mask}, and ${is}, which writes its answer behind the text; leave {mask} out`;
  return { path: 'method.template', message };
}

function refuseTemplate(template: string, context: z.RefinementCtx): void {
  try {
    parseTemplate(template, 1);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
}
