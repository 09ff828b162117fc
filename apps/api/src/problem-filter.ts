import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { Response } from 'express';
import type { Logger } from 'pino';
import { StoreFault } from '#artifacts/faults.js';
import type { Problem } from '#contracts/experiment.js';
import { GridError } from '#planner/grid-error.js';
import { databaseAway } from './database-away.js';
import { Refused } from './refused.js';

const mostIssues = 100; // of a grid with thousands of wrong cells

/** Whatever was thrown, as a Problem. What is not the client's fault is a 500 that says nothing, with the
 *  cause in the log. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const problem = problemOf(error);
    if (problem.status >= 500) this.log.error({ err: error }, 'request failed');
    if (response.headersSent) response.destroy();
    else {
      if (error instanceof Refused) response.set(error.headers);
      response.status(problem.status).json(problem);
    }
  }
}

function problemOf(error: unknown): Problem {
  if (error instanceof Refused) return { status: error.status, title: error.message, issues: error.issues };
  if (error instanceof GridError)
    return { status: 400, title: 'the experiment cannot be run as it is', issues: first(error.issues) };
  if (error instanceof HttpException) return { status: error.getStatus(), title: error.message, issues: [] };
  if (error instanceof StoreFault)
    return { status: error.kind === 'full' ? 507 : 503, title: error.message, issues: [] };
  const away = databaseAway(error);
  if (away) return { status: away.status, title: away.message, issues: away.issues };
  return { status: 500, title: 'the API failed; its log says why', issues: [] };
}

function first(issues: Problem['issues']): Problem['issues'] {
  if (issues.length <= mostIssues) return issues;
  return [...issues.slice(0, mostIssues), { path: '', message: `and ${issues.length - mostIssues} more` }];
}
