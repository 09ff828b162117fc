import { CreateExperiment } from '#contracts/grid.js';
import { checkPlain } from './check-plain.js';
import { GridError } from './grid-error.js';
import { checkRuleCount } from './grid-limits.js';
import { issueWords } from './issue-words.js';

/** Plain data as what is submitted, defaults filled in. Throws GridError with each place, the value that is
 *  there and what was expected. */
export function checkExperiment(value: unknown): CreateExperiment {
  checkPlain(value);
  const result = CreateExperiment.safeParse(value, { error: issueWords });
  if (result.success) {
    checkRuleCount(result.data);
    return result.data;
  }
  throw new GridError(
    result.error.issues.map(({ path, message }) => ({
      path: pathText(path),
      message: `${shown(value, path)}: ${message}`,
    })),
  );
}

/** ["grids", 0, "seed"] -> "grids[0].seed". */
export function pathText(path: readonly PropertyKey[]): string {
  return path.map((p, i) => (typeof p === 'number' ? `[${p}]` : `${i ? '.' : ''}${String(p)}`)).join('');
}

function shown(value: unknown, path: readonly PropertyKey[]): string {
  const there = path.reduce<unknown>(
    (v, key) => (v as Record<PropertyKey, unknown> | null | undefined)?.[key],
    value,
  );
  const text = JSON.stringify(there) ?? 'is missing';
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
