import { basename } from 'node:path';
import { Controller, Get, Inject, Param, Post, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurveView, TrialView } from '#contracts/experiment.js';
import { openFile } from '#artifacts/store.js';
import { retryTrial } from '#db/cancel.js';
import { curveView, trialView } from '#db/views.js';
import { Answers } from './answers.js';
import { PARTS, type Parts } from './parts.js';
import { found, identified, Refused } from './refused.js';

@ApiTags('trials')
@Controller('api/trials')
export class TrialsController {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Get(':id')
  @Answers(TrialView)
  async show(@Param('id') id: string) {
    return found(await trialView(this.parts.db, identified('trial', id)), 'trial', id);
  }

  @Get(':id/curve')
  @Answers(CurveView)
  async curve(@Param('id') id: string) {
    return found(await curveView(this.parts.db, identified('trial', id)), 'trial', id);
  }

  @Post(':id/retry')
  @Answers(TrialView)
  async retry(@Param('id') id: string) {
    const { applied, state } = found(await retryTrial(this.parts.db, identified('trial', id)), 'trial', id);
    if (!applied) throw new Refused(409, `the trial is ${state}; only a failed or cancelled one is tried again`);
    return this.show(id);
  }

  /** One file's bytes. The path is looked up among the checkpoint's files and never touches the file system. */
  @Get(':id/checkpoints/:kind/:step/*path')
  async file(
    @Param('id') id: string,
    @Param('kind') kind: string,
    @Param('step') step: string,
    @Param('path') parts: string | string[],
  ): Promise<StreamableFile> {
    const path = Array.isArray(parts) ? parts.join('/') : parts;
    const { checkpoints } = await this.show(id);
    const checkpoint = checkpoints.find((c) => c.kind === kind && String(c.step) === step);
    const files = found(checkpoint ?? null, `${kind} checkpoint of trial ${id} at step`, step).files;
    const { hash } = found(files.find((f) => f.path === path) ?? null, `file in that checkpoint named`, path);
    const opened = found(await openFile(this.parts.store, hash), 'longer an artifact with hash', hash);
    const disposition = `attachment; filename*=UTF-8''${encodeURIComponent(basename(path))}`;
    return new StreamableFile(opened.stream, { type: 'application/octet-stream', length: opened.bytes, disposition });
  }
}
