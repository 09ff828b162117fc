import { basename } from 'node:path';
import { Controller, Get, Inject, Param, Post, Query, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurveView, TrialView } from '#contracts/experiment.js';
import { mostNeighbours, NeighboursQuery, NeighboursView } from '#contracts/neighbours.js';
import { mostPredictions, PredictionsQuery, PredictionsView } from '#contracts/predictions.js';
import { FoundTrial, TrialsQuery } from '#contracts/found-trial.js';
import { retryTrial } from '#db/cancel.js';
import { trialsCalled } from '#db/find-trials.js';
import { curveView, trialView } from '#db/views.js';
import { Answers, Gives } from './answers.js';
import { askedQuery } from './asked-query.js';
import { heal } from './heal.js';
import { neighboursQuery, readNeighboursOf } from './neighbours.js';
import { openStored } from './open-stored.js';
import { About } from './openapi/about.js';
import { Asks } from './openapi/asks.js';
import { SERVICES, type Services } from './services.js';
import { predictionsQuery, readPredictions } from './predictions.js';
import { found, identified, Refused } from './refused.js';

@ApiTags('trials')
@Controller('api/trials')
export class TrialsController {
  constructor(@Inject(SERVICES) private readonly services: Services) {}

  @Get()
  @About(
    'cells and trials by the beginning of an id, or by GRID/INDEX, of the newest experiment that has one',
  )
  @Asks(TrialsQuery, { called: ['the beginning of an id, or GRID/INDEX', 'lengths/3'] })
  @Answers(FoundTrial, { list: true })
  find(@Query() query: unknown) {
    return trialsCalled(this.services.db, askedQuery(TrialsQuery, query, 'trials').called);
  }

  @Get(':id')
  @About('one trial: its config, attempts, checkpoints, result')
  @Answers(TrialView)
  async show(@Param('id') id: string) {
    return found(await trialView(this.services.db, identified('trial', id)), 'trial', id);
  }

  @Get(':id/curve')
  @About('everything that one trial measured, by step')
  @Answers(CurveView)
  async curve(@Param('id') id: string) {
    return found(await curveView(this.services.db, identified('trial', id)), 'trial', id);
  }

  /** What the trial's best step said of its examples, in their order, and how often which label was said for
   *  which. */
  @Get(':id/predictions')
  @About('what a finished trial said of its examples')
  @Asks(PredictionsQuery, {
    split: ['of the task', 'test'],
    wrong: ['true: those alone whose answer is not what was said', 'true'],
    n: [`how many, at most ${mostPredictions}`, 20],
    offset: ['how many of those to pass over', 0],
  })
  @Answers(PredictionsView)
  async predictions(@Param('id') id: string, @Query() query: unknown) {
    const asked = predictionsQuery(query);
    const { state, checkpoints } = await this.show(id);
    return readPredictions({ id, state, checkpoints, store: this.services.store }, asked);
  }

  /** What each position of the trial's prompt is near to in the vocabulary before and after training (Lester
   *  et al. 2021 §7). */
  @Get(':id/neighbours')
  @About('vocabulary tokens that a trained prompt is near to')
  @Asks(NeighboursQuery, {
    k: [`nearest tokens of each position, at most ${mostNeighbours}`, 5],
    metric: ['by which they are near', 'cosine'],
  })
  @Answers(NeighboursView)
  async neighbours(@Param('id') id: string, @Query() query: unknown) {
    const asked = neighboursQuery(query);
    const { state, config, checkpoints } = await this.show(id);
    return readNeighboursOf({ id, state, config, checkpoints, store: this.services.store }, asked);
  }

  /** A failed or cancelled trial is tried again, a succeeded one whose artifacts are lost is trained anew.
   *  Experiments that were cancelled are active again where no other wants the trial: it runs for an active
   *  one only. */
  @Post(':id/retry')
  @About('try a failed or cancelled trial again, or train one anew that lost its artifacts')
  @Answers(TrialView)
  async retry(@Param('id') id: string) {
    const healed = await heal(this.services, { trialId: identified('trial', id) });
    const { applied, state } = found(await retryTrial(this.services.db, id), 'trial', id);
    if (!applied && !healed.includes(id.toLowerCase()))
      throw new Refused(
        409,
        `the trial is ${state}; only one that failed, was cancelled or lost its artifacts is tried again`,
      );
    return this.show(id);
  }

  /** One file's bytes. The path is looked up among the checkpoint's files and never touches the file system.
   */
  @Get(':id/checkpoints/:kind/:step/*path')
  @About('the bytes of one file of a checkpoint')
  @Gives({ binary: ['application/octet-stream'] })
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
    const opened = await openStored(this.services.store, { kind, path, hash });
    const disposition = `attachment; filename*=UTF-8''${encodeURIComponent(basename(path))}`;
    return new StreamableFile(opened.stream, {
      type: 'application/octet-stream',
      length: opened.bytes,
      disposition,
    });
  }
}
