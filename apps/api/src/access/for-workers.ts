import { type CustomDecorator, SetMetadata } from '@nestjs/common';

export const FOR_WORKERS = 'peftgrid:for-workers';

/** A route that a worker's own token opens too. */
export const ForWorkers = (): CustomDecorator => SetMetadata(FOR_WORKERS, true);

export const FOR_JOINING = 'peftgrid:for-joining';

/** A route that the secret of a join link opens, and nothing else. */
export const ForJoining = (): CustomDecorator => SetMetadata(FOR_JOINING, true);
