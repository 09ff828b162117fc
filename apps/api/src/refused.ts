import type { Problem } from '#contracts/experiment.js';

/** A request that is answered with a Problem. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    title: string,
    readonly issues: Problem['issues'] = [],
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
