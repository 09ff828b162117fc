import type { Precision } from '#contracts/precision.js';

let current: Precision = 'float32';

/** What matrix products read within `body`, and those of its gradients that are computed there. Products in
 *  bfloat16 add up in float32. */
export function inPrecision<T>(precision: Precision, body: () => T): T {
  const before = current;
  current = precision;
  try {
    return body();
  } finally {
    current = before;
  }
}

export const productPrecision = (): Precision => current;
