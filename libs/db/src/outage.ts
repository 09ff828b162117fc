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
 *  machine that has no more of them, pg's own errors, which have no code, and Prisma's. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isOutage);
  const code = codeOf(error);
  if (code !== undefined) return /^(08|53|57P|P10(01|02|08|17)$)/.test(code) || systemCodes.has(code);
  return /Connection terminated|timeout exceeded when trying to connect|not queryable|Client was closed/.test(
    error.message,
  );
}

/** What Prisma passes on has Postgres' code inside, and its own for that. */
function codeOf(error: Error): string | undefined {
  const { code, meta } = error as Error & { code?: unknown; meta?: PrismaMeta };
  const passedOn = meta?.driverAdapterError?.cause?.originalCode;
  return [passedOn, code].find((one) => typeof one === 'string');
}

interface PrismaMeta {
  driverAdapterError?: { cause?: { originalCode?: string } };
}
