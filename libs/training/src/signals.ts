/** Training was told to stop: the trials are to be given back, not judged. Their last resume states stand. */
export class TrainingAborted extends Error {
  constructor() {
    super('training was aborted');
    this.name = 'TrainingAborted';
  }
}

/** A trial that can never succeed as it is configured: the message names the knob or the file. */
export class InvalidTrial extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'InvalidTrial';
  }
}

/** What reads the trial's own knobs and files: whatever is wrong with those is wrong for good. */
export async function invalid<T>(read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof Error) || cause instanceof InvalidTrial) throw cause;
    throw new InvalidTrial(cause.message, { cause });
  }
}

/** What the trainer is told while it works. */
export interface TrainSignal {
  cancelled(attemptId: string): boolean;
  readonly aborted: boolean;
}

export interface TrainHost {
  home: string;
  log(line: string): void;
  resumeEvery?: number; // seconds between resume states, where the config says nothing
  stateBytes?: number; // of what frozen layers make of its texts that a trial may keep; default 512 MiB
}
