/** What the store holds under a hash is missing or is not what was stored. */
export class DamagedArtifact extends Error {
  constructor(
    readonly hash: string,
    message: string,
  ) {
    super(message);
  }
}

/** It is missing. */
export class MissingArtifact extends DamagedArtifact {}

/** What came is not what was announced. */
export class WrongContent extends Error {}

/** More came than is taken. */
export class TooLarge extends Error {}

/** `away`: it does not answer now. `full`: it takes nothing more. `refused`: it does not let us in, or not
 *  like this. */
export type StoreFaultKind = 'away' | 'full' | 'refused';

/** The store cannot be used: no fault of what was to be stored or read. */
export class StoreFault extends Error {
  constructor(
    readonly kind: StoreFaultKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'StoreFault';
  }
}
