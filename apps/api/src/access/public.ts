import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { publicMark } from '../openapi/document.js';

export const PUBLIC = 'peftgrid:public';

/** A route that answers without a token. Every other route asks for one. */
export const Public = (): MethodDecorator =>
  applyDecorators(SetMetadata(PUBLIC, true), ApiExtension(publicMark, true));
