import { setTimeout as sleep } from 'node:timers/promises';

interface Running {
  result: Promise<unknown>;
  done: Promise<void>; // never rejects
  next: Promise<unknown> | null; // begins when this one has ended
}

const mostRestMs = 200;

/** Reads that many ask for at once, such as the state of an experiment with hundreds of viewers. One of a key
 *  runs at a time; whoever asks meanwhile shares the one that begins after it, and so never hears of less
 *  than was true when they asked. After a read the database rests for three times as long as it took. */
export class SharedReads {
  private readonly running = new Map<string, Running>();

  read<T>(key: string, work: () => Promise<T>): Promise<T> {
    const current = this.running.get(key);
    if (!current) return this.started(key, work);
    current.next ??= current.done.then(() => this.started(key, work));
    return current.next as Promise<T>;
  }

  private started<T>(key: string, work: () => Promise<T>): Promise<T> {
    const from = performance.now();
    const result = work();
    const done = result
      .then(
        () => sleep(Math.min(mostRestMs, 3 * (performance.now() - from)), undefined, { ref: false }),
        () => {},
      )
      .then(() => {
        if (this.running.get(key) === running && !running.next) this.running.delete(key);
      });
    const running: Running = { result, done, next: null };
    this.running.set(key, running);
    return result;
  }
}
