import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether XLA makes a step faster, measured once and kept on disk: it depends on the shape (XLA fuses small
 *  ops; TensorFlow's own kernels multiply large matrices better), and a step that flipped between the two
 *  would not repeat its numbers bit for bit. */

let notes: { folder: string; machine: string } | undefined;

/** `machine`: whatever a measurement is only valid for (library, device, threads). */
export function keepMeasurements(folder: string, machine: string): void {
  mkdirSync(folder, { recursive: true });
  notes = { folder, machine };
}

/** What was measured for `step` before, by whichever process. */
export function rememberedXla(step: string): boolean | undefined {
  try {
    return (JSON.parse(readFileSync(noteOf(step), 'utf8')) as { xla: boolean }).xla;
  } catch {
    return undefined; // not measured, or half written by a process that died: measured again
  }
}

const rounds = 3;
const worthwhile = 0.97; // of the graph's time: below that XLA's compilation pays

/** Times both in turn and writes down which is faster. The first process to write decides for all: what
 *  counts is returned. `run` executes the step once, waits for it and drops its results. */
export function measuredXla(step: string, run: (xla: boolean) => void): boolean {
  const best = { graph: Infinity, xla: Infinity };
  for (let round = 0; round <= rounds; round++) {
    for (const how of ['graph', 'xla'] as const) {
      const start = performance.now();
      run(how === 'xla');
      if (round > 0) best[how] = Math.min(best[how], performance.now() - start); // the first compiles
    }
  }
  const xla = best.xla < worthwhile * best.graph;
  try {
    writeFileSync(noteOf(step), JSON.stringify({ xla, step, milliseconds: best }), { flag: 'wx' });
  } catch {
    return rememberedXla(step) ?? xla;
  }
  return xla;
}

function noteOf(step: string): string {
  if (!notes) throw new Error('the engine is not running; call startEngine first');
  const hash = createHash('sha256').update(`${notes.machine}\n${step}`).digest('hex');
  return join(notes.folder, `${hash.slice(0, 32)}.json`);
}
