/** What stands in a cloze's input where its word belongs. */
export const maskSlot = '{mask}';
