import { isNativeError } from 'node:util/types';
import type { StoreFaultKind } from './faults.js';

/** What an answer of S3 says of it, as the end of a sentence; null: the error is no answer of S3. */
export function s3Fault(error: unknown): { kind: StoreFaultKind; message: string } | null {
  if (!isNativeError(error)) return null;
  const { name, message } = error;
  if (name === 'CredentialsProviderError')
    return {
      kind: 'refused',
      message: `has no credentials here: ${message}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
    };
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  if (status === undefined) return null;
  const said = `${status} ${name === 'Unknown' || name === 'UnknownError' ? '' : name}`.trim();
  if (status === 507 || /full|quota|nospace|insufficientstorage/i.test(name))
    return { kind: 'full', message: `is full (${said})` };
  if (status >= 500 || status === 429 || status === 408)
    return { kind: 'away', message: `does not answer as it should (${said})` };
  if (name === 'NoSuchBucket' || status === 404)
    return { kind: 'refused', message: `has no such bucket (${said})` };
  if (status === 401 || status === 403) return { kind: 'refused', message: `does not let us in (${said})` };
  return { kind: 'refused', message: `refuses what it was asked (${said}: ${message})` };
}
