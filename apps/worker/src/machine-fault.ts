import { StoreFault } from '#artifacts/faults.js';
import { hostFault } from '#training/host-fault.js';

/** What stands in the way of training here and is no fault of a trial. */
export interface MachineFault {
  message: string;
  /** It counts among the workers that were lost with a trial: the trial may need more than any machine here
   *  has. */
  loss: boolean;
}

/** Null where the error says nothing of the machine, nor of the artifact store. */
export function machineFault(error: unknown): MachineFault | null {
  if (error instanceof StoreFault) return { message: error.message, loss: false };
  const message = hostFault(error);
  return message === null ? null : { message, loss: true };
}
