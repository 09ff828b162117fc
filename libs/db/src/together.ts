import type { Database } from './database.js';
import { isOutage } from './outage.js';

const mostTogether = 500;

interface Waiting<Ask, Answer> {
  ask: Ask;
  done(answer: Answer): void;
  fail(error: unknown): void;
}

/** Does what this process asks of a database in groups. What is asked while a group is under way waits, and
 *  is then done in one transaction: one turn and one commit for all of it. `work` answers in the order of the
 *  asks. Where it throws for several, each is tried by itself, so that nobody fails for another's sake; an
 *  outage fails them all. */
export function together<Ask, Answer>(work: (db: Database, asks: Ask[]) => Promise<Answer[]>) {
  const groups = new WeakMap<Database, { waiting: Waiting<Ask, Answer>[]; busy: boolean }>();

  const answer = async (db: Database, group: Waiting<Ask, Answer>[]): Promise<void> => {
    try {
      const answers = await work(db, group.map(({ ask }) => ask)); // prettier-ignore
      group.forEach(({ done }, i) => done(answers[i]!));
    } catch (error) {
      if (group.length === 1 || isOutage(error)) for (const { fail } of group) fail(error);
      else for (const one of group) await answer(db, [one]);
    }
  };

  return (db: Database, ask: Ask): Promise<Answer> => {
    const group = groups.get(db) ?? { waiting: [], busy: false };
    groups.set(db, group);
    return new Promise((done, fail) => {
      group.waiting.push({ ask, done, fail });
      if (group.busy) return;
      group.busy = true;
      void (async () => {
        while (group.waiting.length) await answer(db, group.waiting.splice(0, mostTogether));
        group.busy = false;
      })();
    });
  };
}
