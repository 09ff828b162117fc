import type { Database } from './database.js';
import { isOutage } from './outage.js';

const mostTogether = 500;

interface Waiting<Ask, Answer> {
  ask: Ask;
  done(answer: Answer): void;
  fail(error: unknown): void;
}

/** Answers the asks, and those that `more` gives, in their order. A `work` that waits for something first
 *  takes more once it has it: what was asked for meanwhile. */
type Work<Ask, Answer> = (db: Database, asks: Ask[], more: () => Ask[]) => Promise<Answer[]>;

/** Does what this process asks of a database in groups. What is asked while a group is under way waits, and
 *  is then done in one transaction: one turn and one commit for all of it. Where `work` throws for several,
 *  each is tried by itself, so that nobody fails for another's sake; an outage fails them all. */
export function together<Ask, Answer>(work: Work<Ask, Answer>) {
  type Group = Waiting<Ask, Answer>[];
  const groups = new WeakMap<Database, { waiting: Group; busy: boolean }>();

  const answer = async (db: Database, group: Group, late: () => Group): Promise<void> => {
    const more = (): Ask[] => {
      const joining = late();
      group.push(...joining);
      return joining.map(({ ask }) => ask);
    };
    try {
      const answers = await work(db, group.map(({ ask }) => ask), more); // prettier-ignore
      group.forEach(({ done }, i) => done(answers[i]!));
    } catch (error) {
      if (group.length === 1 || isOutage(error)) for (const { fail } of group) fail(error);
      else for (const one of group) await answer(db, [one], () => []);
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
        while (group.waiting.length) {
          const own = group.waiting.splice(0, mostTogether);
          await answer(db, own, () => group.waiting.splice(0, mostTogether - own.length));
        }
        group.busy = false;
      })();
    });
  };
}
