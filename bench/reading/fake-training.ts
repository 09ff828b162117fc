import type { Summary } from '#contracts/trainer-messages.js';
import { claimAttempts } from '#db/claim-attempts.js';
import type { Database } from '#db/database.js';
import { finishAttempts } from '#db/finish-attempts.js';

/** Takes what the API has dispatched, and ends it at once. Resolves to how many trials there were. */
export async function trainDispatched(db: Database): Promise<number> {
  const attempts = await db.prisma.attempt.findMany({
    where: { state: 'dispatched' },
    select: { id: true, fence: true },
  });
  if (attempts.length === 0) return 0;
  const claimed = await claimAttempts(db, { attempts }, 'bench', 600);
  await finishAttempts(
    db,
    claimed.map(({ attemptId }) => ({ verdict: 'succeeded', attemptId, summary: summaryOf(Math.random()) })),
  );
  return claimed.length;
}

export function summaryOf(chance: number): Summary {
  const accuracy = 0.5 + chance / 2;
  return {
    validation: { accuracy, loss: 0.5 },
    test: { accuracy, loss: 0.4 },
    metrics: { accuracy: { unit: 'share', better: 'larger' }, loss: { unit: 'nats', better: 'smaller' } },
    references: { majority: 0.22, 'zero-shot': 0.6, 'naive-bayes': 0.73 },
    reportBy: 'accuracy',
    sizes: { train: 1000, validation: 100, test: 200 },
    bestStep: 100,
    steps: 100,
    trainableParameters: 384,
    totalParameters: 22_713_216,
    trainSeconds: chance,
    compileSeconds: 1,
    stepMs: 12,
    peakMemoryBytes: 1,
    provenance: {
      code: '0',
      library: 'none',
      device: 'none',
      dataHash: 'a'.repeat(64),
      backboneHash: 'b'.repeat(64),
    },
  };
}
