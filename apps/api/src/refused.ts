import type { Problem } from '#contracts/experiment.js';

/** A request that is answered with a Problem, and headers that belong to it. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    title: string,
    readonly issues: Problem['issues'] = [],
    readonly headers: Record<string, string> = {},
  ) {
    super(title);
    this.name = 'Refused';
  }
}

/** What a view found, or a 404 that names what was looked for. */
export function found<T>(view: T | null, noun: string, id: string): T {
  if (view === null) throw new Refused(404, `there is no ${noun} ${id}`);
  return view;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An id that could be one: what could not be is not there either. */
export function identified(noun: string, id: string): string {
  return found(uuid.test(id) ? id : null, noun, id);
}

/** Whether the request took effect, now or before; a 409 says what stands in its way. */
export function requireApplied(outcome: { applied: boolean; state: string }, wanted: string): void {
  if (outcome.applied || outcome.state === wanted) return;
  throw new Refused(409, `the experiment is ${outcome.state}, and cannot become ${wanted}`);
}
