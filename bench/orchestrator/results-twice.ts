import type { Stack } from './stack.js';

/** How many trials have more than one accepted result. */
export async function resultsTwice(stack: Stack): Promise<number> {
  const twice = await stack.db.prisma.attempt.groupBy({
    by: ['trialId'],
    where: { state: 'succeeded' },
    having: { trialId: { _count: { gt: 1 } } },
  });
  return twice.length;
}
