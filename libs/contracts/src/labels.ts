import { z } from 'zod';

/** What an operator calls a worker ("a100", "lab-3"), and what a grid may require of one. */
export const Label = z.string().regex(/^[\w.:=/-]{1,60}$/, 'expected letters, digits and ._:=/-, at most 60');

/** Labels that a worker must have to be given a grid's trials; absent: any worker is. */
export const Requires = z.array(Label).max(16);

/** Labels as one text, equal for equal sets: no label has a comma. */
export const labelsText = (labels: readonly string[]): string => [...new Set(labels)].toSorted().join(',');
