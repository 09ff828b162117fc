import { Controller, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ExperimentsQuery, ExperimentView, PlanView } from '#contracts/experiment.js';
import { RetriedView } from '#contracts/found-trial.js';
import type { CreateExperiment } from '#contracts/grid.js';
import { cancelExperiment, pauseExperiment, resumeExperiment, retryExperiment } from '#db/cancel.js';
import { type DataFacts, planView } from '#db/plan-view.js';
import { submitExperiment } from '#db/submit.js';
import { experimentExists, experimentView, experimentViews } from '#db/views.js';
import { planning } from '#planner/expand.js';
import type { Plan } from '#planner/planned.js';
import { inTurns } from '#tasks/reading/in-turns.js';
import { askedQuery } from './asked-query.js';
import { Answers } from './answers.js';
import { checkData } from './check-data.js';
import { heal } from './heal.js';
import { givenInputs } from './inputs/given-inputs.js';
import { About } from './openapi/about.js';
import { Asks } from './openapi/asks.js';
import { SERVICES, type Services } from './services.js';
import { requireApplied, found, identified, Refused } from './refused.js';
import { AcceptsGridFile, submittedText } from './request-body.js';
import { SharedReads } from './shared-reads.js';

const owner = 'local'; // one token, one owner

interface Planned {
  request: CreateExperiment;
  plan: Plan;
  data: DataFacts;
}

function keyTaken(key: string, id: string): Refused {
  const path = 'idempotencyKey';
  const message = `${JSON.stringify(key)} belongs to another request, which made experiment ${id}; expected a new key`;
  return new Refused(409, 'the idempotency key was used before', [{ path, message }]);
}

/** Aborts when nobody waits for the answer any more: what was begun for it is given up. */
function untilGone(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort(new Refused(499, 'the client went')));
  return gone.signal;
}

@ApiTags('experiments')
@Controller('api')
export class ExperimentsController {
  private readonly reads = new SharedReads();

  constructor(@Inject(SERVICES) private readonly services: Services) {}

  /** 201, or 200 with the first one's view where the idempotency key came with the same request before; 409
   *  where it came with another. */
  @Post('experiments')
  @About('submit grids: an experiment is made, and begins as soon as a worker is free')
  @AcceptsGridFile()
  @Answers(ExperimentView, { status: 201 })
  async submit(@Req() sent: Request, @Res({ passthrough: true }) response: Response) {
    const signal = untilGone(response);
    const { request, plan } = await this.readPlan(sent, response, { stored: true, signal });
    const { id, created, same } = await submitExperiment(
      this.services.db,
      { request, plan, owner },
      { signal },
    );
    if (!same) throw keyTaken(request.idempotencyKey!, id);
    if (!created) response.status(200);
    // a trial that is reused must still have its artifacts
    else await heal(this.services, { experimentId: id });
    response.locals['subject'] = id;
    return this.show(id);
  }

  @Post('plan')
  @About('what submitting these grids would do')
  @AcceptsGridFile()
  @Answers(PlanView)
  async plan(@Req() sent: Request, @Res({ passthrough: true }) response: Response) {
    const { plan, data } = await this.readPlan(sent, response, {
      stored: false,
      signal: untilGone(response),
    });
    return planView(this.services.db, plan, data);
  }

  private async readPlan(
    sent: Request,
    response: Response,
    { stored, signal }: { stored: boolean; signal: AbortSignal },
  ): Promise<Planned> {
    const { request, resolved } = await this.services.reading.read(
      await submittedText(sent, response),
      signal,
    );
    const { cells } = resolved;
    const inputs = await givenInputs({ cells, request }, this.services, { stored });
    const { splits, warnings } = await checkData({ request, cells, inputs }, this.services.store);
    const plan = await inTurns(planning(resolved, inputs), signal);
    return { request, plan, data: { splits, warnings: [...plan.warnings, ...warnings] } };
  }

  @Get('experiments')
  @About('all experiments, the newest first')
  @Asks(ExperimentsQuery, { called: ['their name, or the beginning of their id', 'lengths'] })
  @Answers(ExperimentView, { list: true })
  list(@Query() query: unknown) {
    const { called } = askedQuery(ExperimentsQuery, query, 'the experiments');
    return this.reads.read(`called ${called ?? ''}`, () => experimentViews(this.services.db, called));
  }

  @Get('experiments/:id')
  @About('one experiment: its state, counts of trials, time left')
  @Answers(ExperimentView)
  async show(@Param('id') id: string) {
    const read = () => experimentView(this.services.db, identified('experiment', id));
    return found(await this.reads.read(id.toLowerCase(), read), 'experiment', id);
  }

  @Post('experiments/:id/cancel')
  @About('stop it for good; what it has measured stays')
  @Answers(ExperimentView)
  async cancel(@Param('id') id: string) {
    const outcome = await cancelExperiment(this.services.db, identified('experiment', id));
    requireApplied(found(outcome, 'experiment', id), 'cancelled');
    return this.show(id);
  }

  /** Cancelled experiments are active again where no other wants their trials. */
  @Post('experiments/:id/retry')
  @About('try all its failed and cancelled trials again, and train anew those that lost their artifacts')
  @Answers(RetriedView)
  async retry(@Param('id') id: string) {
    found((await experimentExists(this.services.db, identified('experiment', id))) || null, 'experiment', id);
    const healed = await heal(this.services, { experimentId: id });
    const retried = await retryExperiment(this.services.db, id);
    return { trials: [...new Set([...healed, ...retried])] };
  }

  @Post('experiments/:id/pause')
  @About('dispatch nothing more of it; what runs goes on')
  @Answers(ExperimentView)
  async pause(@Param('id') id: string) {
    const outcome = await pauseExperiment(this.services.db, identified('experiment', id));
    requireApplied(found(outcome, 'experiment', id), 'paused');
    return this.show(id);
  }

  @Post('experiments/:id/resume')
  @About('go on with a paused experiment')
  @Answers(ExperimentView)
  async resume(@Param('id') id: string) {
    const outcome = await resumeExperiment(this.services.db, identified('experiment', id));
    requireApplied(found(outcome, 'experiment', id), 'active');
    return this.show(id);
  }
}
