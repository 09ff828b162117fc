import { type CustomDecorator, SetMetadata } from '@nestjs/common';

export const PUBLIC = 'peftgrid:public';

/** A route that answers without a token. Every other route asks for one. */
export const Public = (): CustomDecorator => SetMetadata(PUBLIC, true);
