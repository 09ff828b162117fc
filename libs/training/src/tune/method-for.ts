import { kindOf } from '#contracts/task.js';
import type { TuneConfig } from '#contracts/trial.js';
import type { MethodImplementation } from '#methods/method.js';
import { methodOf } from '#methods/table.js';
import { taggerOf } from '#methods/heads/tagger.js';
import type { Method } from '#contracts/method.js';

/** The trial's method as its task needs it. */
export function methodFor({ method, task }: Pick<TuneConfig, 'method' | 'task'>): MethodImplementation<Method> {
  return kindOf(task) === 'tags' ? taggerOf(method) : methodOf(method);
}
