export interface Paced {
  ask(): void;
  stop(): void;
}

/** Runs `work` when asked: never twice at once, and with a rest after it of `restMs` or ten times as long as
 *  it took. What is asked for meanwhile is done once, after the rest. `work` must not throw. */
export function paced(work: () => Promise<void>, restMs: number): Paced {
  let [busy, asked, stopped] = [false, false, false];
  const run = async (): Promise<void> => {
    busy = true;
    asked = false;
    const from = performance.now();
    await work();
    const took = performance.now() - from;
    await new Promise((resolve) => setTimeout(resolve, Math.max(restMs, 10 * took)));
    busy = false;
    if (asked && !stopped) void run();
  };
  const ask = (): void => {
    asked = true;
    if (!busy && !stopped) void run();
  };
  return { ask, stop: () => void (stopped = true) };
}
