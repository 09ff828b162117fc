import { Controller, Delete, Get, Inject, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RemovalView } from '#contracts/removal.js';
import { removalOf, removeExperiment } from '#db/remove-experiment.js';
import { Answers } from './answers.js';
import { About } from './openapi/about.js';
import { SERVICES, type Services } from './services.js';
import { found, identified, Refused } from './refused.js';

@ApiTags('experiments')
@Controller('api/experiments')
export class RemovalController {
  constructor(@Inject(SERVICES) private readonly services: Services) {}

  /** What would go with the experiment. */
  @Get(':id/removal')
  @About('what would go with an experiment')
  @Answers(RemovalView)
  async look(@Param('id') id: string) {
    return found(await removalOf(this.services.db, identified('experiment', id)), 'experiment', id);
  }

  /** Removes the experiment, with the trials that it alone has. 409 while it is active or one of these trials
   *  runs. */
  @Delete(':id')
  @About('remove an experiment that has ended')
  @Answers(RemovalView)
  async remove(@Param('id') id: string) {
    const removed = found(
      await removeExperiment(this.services.db, identified('experiment', id)),
      'experiment',
      id,
    );
    if (removed.removable) return removed;
    const ended = removed.state === 'finished' || removed.state === 'cancelled';
    throw new Refused(
      409,
      ended
        ? 'trials of the experiment are still being stopped; try again in a few seconds'
        : `the experiment is ${removed.state}; cancel it first`,
    );
  }
}
