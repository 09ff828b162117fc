import { Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { collectGarbage } from '#artifacts/store.js';
import { CollectedView, CollectGarbage, DiskUse } from '#contracts/removal.js';
import { referencedHashes } from '#db/checkpoints.js';
import { namedFiles } from '#db/named-files.js';
import { Answers } from './answers.js';
import { About } from './openapi/about.js';
import { schemaOf } from './openapi/named-schemas.js';
import { SERVICES, type Services } from './services.js';
import { wishOf } from './request-wish.js';

/** What the artifact store holds, and what of it can go. */
@ApiTags('system')
@Controller('api/storage')
export class StorageController {
  constructor(@Inject(SERVICES) private readonly services: Services) {}

  /** Files and bytes by what names them: kinds of checkpoints, inputs, and nothing. */
  @Get()
  @About('what the artifact store holds, by kind')
  @Answers(DiskUse)
  async use(): Promise<DiskUse> {
    const { db, store } = this.services;
    const named = await namedFiles(db);
    const kinds = new Map<string, { files: number; bytes: number }>();
    for await (const { hash, bytes } of store.place.contents()) {
      const kind = named.get(hash) ?? 'nothing';
      const sum = kinds.get(kind) ?? { files: 0, bytes: 0 };
      kinds.set(kind, { files: sum.files + 1, bytes: sum.bytes + bytes });
    }
    const sums = [...kinds].map(([kind, sum]) => ({ kind, ...sum }));
    return { store: store.place.name, kinds: sums.toSorted((a, b) => b.bytes - a.bytes) };
  }

  /** Removes files that nothing names and that are older than `hours`; with `dryRun` says only how many there
   *  are. */
  @Post('collect')
  @About('remove files that nothing names')
  @HttpCode(200)
  @Answers(CollectedView)
  @ApiBody({ schema: schemaOf(CollectGarbage), required: false })
  async collect(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<CollectedView> {
    const { dryRun, hours } = await wishOf(CollectGarbage, request, response);
    const { db, store } = this.services;
    const collected = await collectGarbage(store, await referencedHashes(db), {
      graceMs: hours * 3_600_000,
      dryRun,
    });
    return { dryRun, ...collected };
  }
}
