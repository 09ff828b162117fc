import { kindOf } from '#contracts/task.js';
import type { TuneConfig } from '#contracts/trial.js';
import type { MethodImplementation } from '#methods/method.js';
import type { Head } from '#methods/heads/form.js';
import { methodFor as implementationFor } from '#methods/table.js';
import type { Method } from '#contracts/method.js';

/** The trial's method as its task needs it. */
export function methodFor({ method, task }: Pick<TuneConfig, 'method' | 'task'>): MethodImplementation<Method> {
  return implementationFor(method, { head: headOf(task) });
}

/** The head that is trained next to the method; null: none, or one of its own. */
const headOf = (task: TuneConfig['task']): Head | null => (kindOf(task) === 'tags' ? { outputs: 'labels', of: 'tokens' } : null);
