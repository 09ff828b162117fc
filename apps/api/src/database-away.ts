import { isOutage } from '#db/outage.js';
import { Refused } from './refused.js';

/** What an outage of Postgres is answered with; null where the error is another. What is wrong with a file
 *  has the file's path. */
export function databaseAway(error: unknown): Refused | null {
  if (!(error instanceof Error) || 'path' in error) return null;
  const away = isOutage(error) || isOutage(error.cause); // it may have been away when it was to be opened
  return away ? new Refused(503, 'the database does not answer now; ask again') : null;
}
