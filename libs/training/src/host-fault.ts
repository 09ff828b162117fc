import { isNativeError } from 'node:util/types';

/** A fault of the machine, met by a trial that could not help it: no verdict holds, and the trials are to be
 *  given back. */
export class HostFault extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HostFault';
  }
}

const faults: Record<string, string> = {
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the disk quota is used up',
  EMFILE: 'the process has too many open files',
  ENFILE: 'the machine has too many open files',
  EROFS: 'the file system is read-only',
  EIO: 'the device fails to read or write',
  ENOMEM: 'the system has no memory to give',
};

const words: [RegExp, string][] = [
  [/no space left on device/i, 'ENOSPC'],
  [/disk quota exceeded/i, 'EDQUOT'],
  [/too many open files/i, 'EMFILE'],
  [/read-only file system/i, 'EROFS'],
];

/** One sentence where the error, or what caused it, is a fault of the machine and not of the trial; else
 *  null. Native libraries give no code: their words count. */
export function hostFault(error: unknown): string | null {
  for (let cause = error; isNativeError(cause); cause = cause.cause) {
    if (cause instanceof HostFault) return cause.message;
    const { code, syscall, path, message } = cause as NodeJS.ErrnoException;
    const known = code ?? words.find(([pattern]) => pattern.test(message))?.[1] ?? '';
    if (known === 'EAGAIN' && /spawn|fork/.test(syscall ?? ''))
      return `no process can be started (EAGAIN, ${syscall})`;
    const fault = Object.hasOwn(faults, known) ? faults[known] : undefined;
    if (fault) return `${fault} (${[known, syscall, path].filter(Boolean).join(' ')})`;
  }
  return null;
}
