/** Milliseconds after which a connection on which nothing moves is cut and tried again. */
export const silenceMs = 60_000;

const codes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/** Of errors that have no code, or lost it when they were wrapped. */
const words = /^(terminated|aborted)$|TimeoutError|socket hang up|ECONN(REFUSED|RESET)/;

/** What an error, or what caused it, says of a connection that could not be made or was lost; null: it says
 *  nothing of one. */
export function networkFault(error: unknown): string | null {
  for (let cause = error; isThrown(cause); cause = cause.cause) {
    const { errors } = cause as Partial<AggregateError>; // of each address that a name has
    if (errors?.length) return networkFault(errors[0]);
    const { name, message } = cause;
    // a DOMException's code is a number
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : null;
    if (
      (code && (codes.has(code) || code.startsWith('UND_ERR_'))) ||
      name === 'TimeoutError' ||
      words.test(message)
    )
      return `does not answer (${code ?? message})`;
  }
  return null;
}

/** A DOMException, as which a timeout comes, is no native error. */
const isThrown = (value: unknown): value is Error =>
  typeof value === 'object' && value !== null && 'message' in value;

/** A side of a connection has been silent for too long. */
export class Stalled extends Error {
  readonly code = 'ETIMEDOUT';
}
