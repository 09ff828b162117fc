import { z } from 'zod';

/** What kind of answer a task's examples have (libs/tasks/src/example.ts says what is right and what is said
 *  of each). */
export const Kind = z.enum(['class', 'choice', 'tags', 'span', 'text', 'cloze', 'number', 'language']);
export type Kind = z.infer<typeof Kind>;
