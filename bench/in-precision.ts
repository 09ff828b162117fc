import type { Precision } from '#contracts/precision.js';
import { round } from './numbers.js';

/** How steps in bfloat16 are held against ours in float32, and against the peer in whatever precision it is
 *  fastest. */

export const peerPrecisions = ['float32', 'autocast', 'bfloat16'] as const;
export type PeerPrecision = (typeof peerPrecisions)[number];

/** What a peer is asked for beside ours: in float32 that alone. */
export const precisionsBeside = (ours: Precision): readonly PeerPrecision[] =>
  ours === 'float32' ? ['float32'] : peerPrecisions;

export interface Timed {
  ms: readonly number[];
}

/** The repeats in the precision whose best step is the fastest; undefined where none was measured. */
export function fastest<T extends Timed>(
  by: ReadonlyMap<PeerPrecision, readonly T[]>,
): { precision: PeerPrecision; measured: readonly T[] } | undefined {
  const all = [...by]
    .filter(([, measured]) => measured.length > 0)
    .map(([precision, measured]) => ({ precision, measured }));
  return all.toSorted((a, b) => best(a.measured) - best(b.measured))[0];
}

export interface Own extends Timed {
  peakBytes: number;
  firstLoss?: number;
}

/** A step in bfloat16 beside the same in float32. */
export interface BesideFloat32 {
  float32_min_ms: number;
  gain_min: number; // of the minima
  memory_share: number; // of the largest resident size
  first_loss_gap: number; // relative
}

export function besideFloat32(narrow: readonly Own[], wide: readonly Own[]): BesideFloat32 {
  const memory = (own: readonly Own[]) => Math.max(...own.map((m) => m.peakBytes));
  const [a, b] = [narrow, wide].map((own) => own[0]?.firstLoss ?? Number.NaN) as [number, number];
  return {
    float32_min_ms: round(best(wide), 1),
    gain_min: round(best(wide) / best(narrow), 2),
    memory_share: round(memory(narrow) / memory(wide), 2),
    first_loss_gap: Math.abs(a - b) / Math.abs(b),
  };
}

interface Row {
  name: string;
  speedup_min: number | null;
  narrow: BesideFloat32 | null;
  peer_precision: PeerPrecision | null;
}

/** A table beside that of the times, and the geometric means that it comes to; empty for steps in float32. */
export function precisionTable(rows: readonly Row[]): string {
  const narrow = rows.filter((r) => r.narrow !== null);
  if (narrow.length === 0) return '';
  const lines = [
    "| step | bfloat16 over our own float32 | memory of float32's | first loss, relative gap | over the peer at its best | peer's precision |",
    '|---|---|---|---|---|---|',
    ...narrow.map(({ name, narrow: n, speedup_min, peer_precision }) => {
      const own = [`${n!.gain_min}x`, String(n!.memory_share), n!.first_loss_gap.toExponential(1)];
      return `| ${[name, ...own, speedup_min === null ? '–' : `${speedup_min}x`, peer_precision ?? '–'].join(' | ')} |`;
    }),
  ];
  const own = geometricMean(narrow.map((r) => r.narrow!.gain_min));
  const beside = narrow.flatMap((r) => r.speedup_min ?? []);
  const peers = beside.length > 0 ? `, ${geometricMean(beside).toFixed(2)}x over the peer at its best` : '';
  return `${lines.join('\n')}\n\ngeometric mean: ${own.toFixed(2)}x over our own float32${peers}`;
}

export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, v) => sum + Math.log(v), 0) / values.length);

const best = (measured: readonly Timed[]): number => Math.min(...measured.flatMap((m) => m.ms));

/** Throws an Error of one sentence where it is none. */
export function precisionOf(text: string): Precision {
  if (text === 'float32' || text === 'bfloat16') return text;
  throw new Error(`--precision is "${text}", expected float32 or bfloat16`);
}
