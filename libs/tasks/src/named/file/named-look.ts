import type { Kind } from '#contracts/kind.js';
import { FieldError } from '../../reading/fields.js';
import { lookOf } from '../../reading/look-alike.js';
import type { TaskDefinition } from '../../task.js';

/** The task with one more sentence where a row lacks what it reads, and the file looks like another kind's.
 *  `read`: how the file is read, "task.kind: class". */
export const namingLooks = <C extends { path: string }, K extends Kind>(
  task: TaskDefinition<C, K>,
  read: string,
): TaskDefinition<C, K> => ({
  ...task,
  *splits(config, records) {
    try {
      return yield* task.splits(config, records);
    } catch (cause) {
      if (!(cause instanceof FieldError)) throw cause;
      const look = lookOf(config.path, records(config.path), read);
      throw look === '' ? cause : new Error(cause.message + look, { cause });
    }
  },
});
