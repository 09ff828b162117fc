import { z } from 'zod';

/** No method: a prompt that somebody wrote, by itself (zero-shot) or behind examples of the training split
 *  (in context; Brown et al. 2020). Its words are the task's `input` and label words. */
export const NoMethod = z.strictObject({
  name: z.literal('none'),
  /** An encoder's words around {text}, with the label's place at {mask} (PET, Schick & Schütze 2021); null:
   *  the text as it is. */
  template: z.string().max(10_000).superRefine(refuseTemplate).nullable().default(null),
  shots: z.int().min(0).max(1000).default(0), // training examples in front of each text
  balanced: z.boolean().default(true), // equally many of each label; false: drawn whatever their labels
  order: z.int().min(0).max(2 ** 31 - 1).nullable().default(null), // seed of their order; null: the trial's
  separator: z.string().max(100).default('\n\n'), // behind each example
}); // prettier-ignore
export type NoMethod = z.infer<typeof NoMethod>;

function refuseTemplate(template: string, context: z.RefinementCtx): void {
  for (const slot of ['{text}', '{mask}']) {
    const count = template.split(slot).length - 1;
    if (count !== 1)
      context.addIssue({ code: 'custom', message: `it has ${slot} ${count} times, expected once` });
  }
  if (/[{}]/.test(template.replaceAll(/\{(text|mask)\}/g, '')))
    context.addIssue({ code: 'custom', message: 'expected no { or } but those of {text} and {mask}' });
}
