import type { BesideFloat32, PeerPrecision } from './in-precision.js';
import { methodFlops } from './method-flops.js';
import { type MethodRow, shapeText } from './method-shapes.js';
import { median, megabytes, round } from './numbers.js';
import type { StepReport } from './training.js';

/** What methods-step.js prints. */
export interface Ours extends StepReport {
  trainable: number;
  cachedMs?: number; // a step on states that are known already
}

/** What peers/methods_step.py prints. */
export interface Peer {
  ms: number[];
  peer: string;
  peakBytes: number;
  trainable: number;
}

/** A line of the table and of --json. Times in milliseconds, memory the largest resident size of a process,
 *  in MiB. */
export interface ResultRow {
  family: string;
  method: string;
  shape: string;
  ours_ms: number;
  ours_min_ms: number;
  peer: string | null;
  peer_ms: number | null;
  peer_min_ms: number | null;
  speedup: number | null; // of the medians
  speedup_min: number | null; // of the minima: what a busy machine disturbs least
  peak_share: number; // of the measured matrix product, by the median
  loss_gap: number;
  first_ms: number;
  ours_peak_mb: number;
  peer_peak_mb: number | null;
  trainable: number;
  narrow: BesideFloat32 | null; // of steps in bfloat16
  peer_precision: PeerPrecision | null; // the peer's fastest
  remark: string;
}

/** Repeated measurements of one row; `theirs` is empty where there is no peer, and `unsupported` says why. */
export interface Measurements {
  row: MethodRow;
  ours: readonly Ours[];
  theirs: readonly Peer[];
  unsupported: string;
  narrow?: BesideFloat32 | null;
  peerPrecision?: PeerPrecision | null;
}

/** One row each. The peak is the best product of all processes of the run: a single one may have met a slow
 *  minute. */
export function resultRows(measurements: readonly Measurements[]): ResultRow[] {
  const peak = Math.max(...measurements.flatMap((m) => m.ours.map((o) => o.peakGflops))) * 1e9;
  return measurements.map((m) => resultRow(m, peak));
}

function resultRow(
  { row, ours, theirs, unsupported, narrow, peerPrecision }: Measurements,
  peak: number,
): ResultRow {
  const [oursMs, oursMin] = [median(ours.flatMap((m) => m.ms)), Math.min(...ours.flatMap((m) => m.ms))];
  const [peer] = theirs;
  const [peerMs, peerMin] = [median(theirs.flatMap((m) => m.ms)), Math.min(...theirs.flatMap((m) => m.ms))];
  return {
    family: row.family,
    method: row.method,
    shape: shapeText(row.shape),
    ours_ms: round(oursMs, 1),
    ours_min_ms: round(oursMin, 1),
    peer: peer?.peer ?? null,
    peer_ms: peer ? round(peerMs, 1) : null,
    peer_min_ms: peer ? round(peerMin, 1) : null,
    speedup: peer ? round(peerMs / oursMs, 2) : null,
    speedup_min: peer ? round(peerMin / oursMin, 2) : null,
    peak_share: round(methodFlops(row.shape, row.method) / (oursMs / 1e3) / peak, 3),
    loss_gap: Math.max(...ours.map((m) => m.lossGap)),
    first_ms: round(median(ours.map((m) => m.firstMs)), 0),
    ours_peak_mb: megabytes(median(ours.map((m) => m.peakBytes))),
    peer_peak_mb: peer ? megabytes(median(theirs.map((m) => m.peakBytes))) : null,
    trainable: ours[0]!.trainable,
    narrow: narrow ?? null,
    peer_precision: peerPrecision ?? null,
    remark: remarkOf(row, ours[0]!, peer, unsupported),
  };
}

function remarkOf(row: MethodRow, ours: Ours, peer: Peer | undefined, unsupported: string): string {
  const remarks = [row.remark];
  if (unsupported) remarks.push(`no peer: ${unsupported}`);
  if (peer && peer.trainable !== ours.trainable)
    remarks.push(`the peer trains ${peer.trainable} parameters, ours ${ours.trainable}`);
  if (ours.cachedMs !== undefined)
    remarks.push(`from the second epoch on the states are known: ${ours.cachedMs.toFixed(2)} ms`);
  return remarks.filter((r) => r !== '').join('; ');
}

export function resultTable(rows: readonly ResultRow[]): string {
  const lines = [
    '| step | trained | ours, median (min) ms | peer, median (min) ms | speed-up, median (min) | of matmul peak | loss gap | first call, s | memory, ours / peer MiB | remark |',
    '|---|---|---|---|---|---|---|---|---|---|',
  ];
  for (const r of rows) {
    const cells = [
      `${r.family} ${r.method}`,
      r.trainable.toLocaleString('en'),
      `${r.ours_ms} (${r.ours_min_ms})`,
      r.peer_ms === null ? '–' : `${r.peer_ms} (${r.peer_min_ms})`,
      r.speedup === null ? '–' : `${r.speedup} (${r.speedup_min})`,
      `${(r.peak_share * 100).toFixed(0)} %`,
      r.loss_gap.toExponential(1),
      (r.first_ms / 1e3).toFixed(1),
      `${r.ours_peak_mb} / ${r.peer_peak_mb ?? '–'}`,
      r.remark,
    ];
    lines.push(`| ${cells.join(' | ')} |`);
  }
  return lines.join('\n');
}
