const systemCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
]);

/** Whether the server could not be spoken to, as opposed to having refused what it was asked. Postgres'
 *  classes 08 (connection), 53 (resources) and 57P (shutdown, crash, starting up), those of sockets and of a
 *  machine that has no more of them, and pg's own errors, which have no code. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isOutage);
  const { code } = error as Error & { code?: unknown };
  if (typeof code === 'string') return /^(08|53|57P)/.test(code) || systemCodes.has(code);
  return /Connection terminated|timeout exceeded when trying to connect|not queryable|Client was closed/.test(
    error.message,
  );
}
