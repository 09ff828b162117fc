import { cpus } from 'node:os';

/** How many cores other processes keep busy, on the average of a second in which this one sleeps. The load
 *  average would still count the build before. */
export function busyCores(): number {
  const before = spent();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
  const after = spent();
  return (cpus().length * (after.busy - before.busy)) / (after.all - before.all);
}

/** Processor time of all cores so far, ms. */
function spent(): { busy: number; all: number } {
  const times = cpus().map((cpu) => cpu.times);
  const sum = (pick: (t: (typeof times)[number]) => number) => times.reduce((total, t) => total + pick(t), 0);
  const busy = sum((t) => t.user + t.nice + t.sys + t.irq);
  return { busy, all: busy + sum((t) => t.idle) };
}

/** The machine that figures are from, and what must be said beside them. */
export function machine(busy: number): string {
  const { model } = cpus()[0] ?? { model: 'unknown processor' };
  const line = `${model}, ${cpus().length} cores, Node ${process.version}; ${busy.toFixed(1)} cores busy at the start`;
  return busy > 0.2 ? `${line}\nthe machine was busy when this began: do not quote these figures` : line;
}
