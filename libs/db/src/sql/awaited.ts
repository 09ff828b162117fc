/** SQL: checkpoint `c` is what dependency `d` waits for. That is its backbone's weights at that step, or the
 *  parameters that the trial which it starts from ended with, at whatever step these were the best. */
export const awaited = `c."trialId" = d."dependsOnId" and c.kind = d.kind and (c.step = d.step or d.kind = 'adapter')`;
