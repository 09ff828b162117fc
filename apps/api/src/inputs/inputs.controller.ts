import { Controller, HttpCode, Inject, Param, Post, Put, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { InputsQuery, MissingInputs } from '#contracts/input.js';
import { pathText } from '#planner/check-experiment.js';
import { GridError } from '#planner/grid-error.js';
import { issueWords } from '#planner/issue-words.js';
import { checkJsonText } from '#planner/json-text.js';
import { Answers } from '../answers.js';
import { About } from '../openapi/about.js';
import { schemaOf } from '../openapi/named-schemas.js';
import { binary, contentSent } from '../content-sent.js';
import { SERVICES, type Services } from '../services.js';
import { Refused } from '../refused.js';
import { submittedText } from '../request-body.js';
import { liesBelowRoot, mega, missingFiles } from './given-inputs.js';

/** What a submission's trials read, by content: what the server lacks is uploaded before the grids are
 *  submitted. */
@ApiTags('inputs')
@Controller('api/inputs')
export class InputsController {
  constructor(@Inject(SERVICES) private readonly services: Services) {}

  /** Which files are to be uploaded. A model that lies below a root of the server, just as the client has it,
   *  is read there. Of `paths`, which the client has nothing at, those that the server has below its roots.
   */
  @Post('missing')
  @About('which of these files are to be uploaded')
  @Answers(MissingInputs)
  @ApiConsumes('application/json')
  @ApiBody({ schema: schemaOf(InputsQuery) })
  async missing(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<MissingInputs> {
    const { inputs, paths } = queryOf((await submittedText(request, response)).text);
    const lacking = new Map<string, { hash: string; bytes: number }>();
    for (const input of inputs) {
      const files = await missingFiles(input, this.services);
      if (files.length === 0 || (await liesBelowRoot(input, this.services))) continue;
      for (const { hash, bytes } of files) lacking.set(hash, { hash, bytes });
    }
    const reached = await Promise.all(paths.map((path) => this.services.roots.reach(path)));
    return {
      missing: [...lacking.values()],
      mostBytes: this.services.mostBytes,
      there: paths.filter((_, i) => reached[i] !== null),
    };
  }

  /** The bytes of one file, verified while they are written: what does not hash to `hash` leaves nothing. */
  @Put(':hash')
  @About('upload the bytes of one file')
  @ApiResponse({ status: 204, description: 'it is kept' })
  @HttpCode(204)
  @ApiConsumes(binary)
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  async upload(@Param('hash') hash: string, @Req() request: Request): Promise<void> {
    const { store, mostBytes } = this.services;
    const tooLarge = `a file has at most ${mega(mostBytes)} MB here (PEFTGRID_UPLOAD_MB); a model that is larger can lie below a root of the server (PEFTGRID_ROOTS)`;
    await contentSent(store, request, { hash, mostBytes, tooLarge });
  }
}

function queryOf(text: string): InputsQuery {
  let value: unknown;
  try {
    checkJsonText(text);
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof GridError)
      throw new Refused(400, 'the request is not what was expected', error.issues);
    throw new Refused(400, 'the body is not JSON', [{ path: '', message: (error as Error).message }]);
  }
  const { data, error } = InputsQuery.safeParse(value, { error: issueWords });
  if (data) return data;
  const issues = error.issues.map(({ path, message }) => ({ path: pathText(path), message }));
  throw new Refused(400, 'the request is not what was expected', issues);
}
