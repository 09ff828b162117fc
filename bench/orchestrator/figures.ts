import { round } from '../numbers.js';

/** What is measured, what it should be, and what a peer has. */
export interface Figure {
  id: string;
  value: number;
  unit: string;
  target: number | null; // null: told, not asked for
  met: boolean | null;
  peer: string | null;
  peer_value: number | null;
}

type Bound = { atMost: number } | { atLeast: number } | null; // null: told, not asked for

const seconds = (s: number) => ({ unit: 's', bound: { atMost: s } });
const milliseconds = (ms: number) => ({ unit: 'ms', bound: { atMost: ms } });
const rate = (n: number) => ({ unit: 'trials/s', bound: { atLeast: n } });

/** Every figure's unit and target (2 cores, nothing else running). */
export const targets: Readonly<Record<string, { unit: string; bound: Bound }>> = {
  'submit-10k-empty': seconds(5),
  'submit-10k-stale': seconds(5),
  'resubmit-10k': seconds(3),
  'submit-100k': seconds(60),
  'submit-100k-claims-p95': milliseconds(200),
  'submit-100k-verdicts-p95': milliseconds(200),
  'trials-postgres-4': rate(200),
  'trials-postgres-16': rate(200),
  'trials-postgres-16-of-100k': rate(200),
  'trials-redis-4': rate(400),
  'trials-redis-16': rate(400),
  'trials-redis-16-of-100k': rate(400),
  'dispatch-postgres-p50': milliseconds(25),
  'dispatch-postgres-p99': milliseconds(150),
  'dispatch-redis-p50': milliseconds(25),
  'dispatch-redis-p99': milliseconds(150),
  'metric-points': { unit: 'points/s', bound: { atLeast: 20_000 } },
  'workers-2000-dispatch-p99': milliseconds(500),
  'workers-2000-leases-lost': { unit: 'leases', bound: { atMost: 0 } },
  'restart-first-verdict': seconds(10),
  'restart-results-twice': { unit: 'trials', bound: { atMost: 0 } },
  'submit-10k-restart': { unit: 's', bound: null },
  'submit-100k-restart': { unit: 's', bound: null },
  'resubmit-10k-restart': { unit: 's', bound: null },
  'restart-cells-wrong': { unit: 'cells', bound: { atMost: 0 } }, // missing, or there twice
  'trials-postgres-16-restart': { unit: 'trials/s', bound: null },
  'trials-redis-16-restart': { unit: 'trials/s', bound: null },
  'restart-verdicts-lost-postgres': { unit: 'verdicts', bound: { atMost: 0 } }, // accepted, and not there
  'restart-verdicts-lost-redis': { unit: 'verdicts', bound: { atMost: 0 } },
  'dispatch-restart-p50': { unit: 'ms', bound: null },
  'dispatch-restart-most': { unit: 'ms', bound: null },
  'metric-points-restart': { unit: 'points/s', bound: null },
  'restart-points-lost': { unit: 'points', bound: { atMost: 0 } }, // accepted, and not there
  'restart-answers-wrong': { unit: 'answers', bound: { atMost: 0 } }, // pages of cells and tables
  'restart-answers-away': { unit: 's', bound: null }, // the longest time without one
  'workers-2000-restart-leases-lost': { unit: 'leases', bound: { atMost: 0 } },
  'bytes-a-cell': { unit: 'bytes', bound: null }, // of its trial too, with their indexes
  'bytes-a-point': { unit: 'bytes', bound: null }, // with its index, without its event
};

/** Throws where the id has no target. */
export function figure(id: string, value: number): Figure {
  const target = targets[id];
  if (!target) throw new Error(`${id} has no target`);
  const { unit, bound } = target;
  const rounded = round(value, value < 10 ? 2 : 1);
  const alone = { id, value: rounded, unit, target: null, met: null, peer: null, peer_value: null };
  if (bound === null) return alone;
  if ('atMost' in bound) return { ...alone, target: bound.atMost, met: value <= bound.atMost };
  return { ...alone, target: bound.atLeast, met: value >= bound.atLeast };
}

/** `share` of the values are at most this; values in any order. Throws where there are none. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new Error('nothing was measured');
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;
}

export function figureTable(figures: readonly Figure[]): string {
  const lines = figures.map(({ id, value, unit, target, met, peer, peer_value }) => {
    const bound = targets[id]?.bound;
    const sign = bound && 'atMost' in bound ? '≤' : '≥';
    const beside = peer === null ? '' : `${peer_value} ${unit} (${peer})`;
    return `| ${id} | ${value} ${unit} | ${target === null ? '' : `${sign} ${target}`} | ${met === null ? '' : met ? 'yes' : 'no'} | ${beside} |`;
  });
  return ['| what | measured | target | met | peer |', '|---|---|---|---|---|', ...lines].join('\n');
}
