import type { Method } from '#contracts/method.js';
import type { MethodImplementation } from '#methods/method.js';
import { methodFor as implementationFor } from '#methods/table.js';
import type { Answering } from '../answers/answering.js';

/** The method as its answers need it: with the head that answers. */
export const methodFor = (method: Method, { head }: Pick<Answering, 'head'>): MethodImplementation<Method> =>
  implementationFor(method, { head });
