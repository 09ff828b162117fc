export interface GridIssue {
  path: string; // "grids[0].grid.method.length[2]", or "line 3, column 5" where the text itself is broken
  message: string; // the value, and what was expected
}

/** A grid that cannot be run, with everything that is wrong with it. */
export class GridError extends Error {
  constructor(readonly issues: GridIssue[]) {
    const shown = issues.slice(0, 5).map((i) => (i.path ? `${i.path}: ${i.message}` : i.message));
    super([...shown, ...(issues.length > 5 ? [`and ${issues.length - 5} more`] : [])].join('\n'));
    this.name = 'GridError';
  }
}
