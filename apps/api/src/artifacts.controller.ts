import {
  Controller,
  Get,
  Head,
  HttpCode,
  Inject,
  Param,
  Put,
  Req,
  Res,
  StreamableFile,
} from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { DamagedArtifact } from '#artifacts/faults.js';
import { openFile } from '#artifacts/store.js';
import { patiently } from '#artifacts/patience.js';
import { ForWorkers } from './access/for-workers.js';
import { binary, contentSent, hashOf } from './content-sent.js';
import { About } from './openapi/about.js';
import { SERVICES, type Services } from './services.js';
import { Refused } from './refused.js';

/** The artifact store, for workers that share no folder with the API. */
@ApiTags('artifacts')
@Controller('api/artifacts')
@ForWorkers()
export class ArtifactsController {
  constructor(@Inject(SERVICES) private readonly services: Services) {}

  /** How long a content is (Content-Length), or a 404. It is kept for a day from here on, whether anything
   *  names it or not. */
  @Head(':hash')
  @About('whether there is a content, and how long it is')
  @ApiResponse({ status: 200, description: 'it is there' })
  async look(@Param('hash') hash: string, @Res() response: Response): Promise<void> {
    const { place, patience } = this.services.store;
    const bytes = await patiently(place, patience, () => place.renew(hashOf(hash)));
    if (bytes === null) throw new Refused(404, `there is no artifact ${hash}`);
    response.set({ 'content-length': String(bytes), 'content-type': binary }).end();
  }

  /** A content, verified before its first byte is sent. A 410 says where it was damaged; it is then
   *  forgotten. */
  @Get(':hash')
  @About('a content')
  @ApiResponse({
    status: 200,
    description: 'the bytes',
    content: { [binary]: { schema: { type: 'string', format: 'binary' } } },
  })
  async read(@Param('hash') hash: string): Promise<StreamableFile> {
    const opened = await openFile(this.services.store, hashOf(hash)).catch((error: Error) => {
      if (error instanceof DamagedArtifact) throw new Refused(410, error.message);
      throw error;
    });
    if (!opened) throw new Refused(404, `there is no artifact ${hash}`);
    return new StreamableFile(opened.stream, { type: binary, length: opened.bytes });
  }

  /** The bytes of one content, verified while they are written: what does not hash to `hash` leaves nothing.
   */
  @Put(':hash')
  @About('keep a content')
  @ApiResponse({ status: 204, description: 'it is kept' })
  @HttpCode(204)
  @ApiConsumes(binary)
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  async put(@Param('hash') hash: string, @Req() request: Request): Promise<void> {
    await contentSent(this.services.store, request, { hash, mostBytes: Infinity, tooLarge: '' });
  }
}
