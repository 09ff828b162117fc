const longest = 20; // milliseconds that others wait

/** Long work, piece by piece, with the event loop free between the pieces: a server answers others meanwhile.
 *  Throws the signal's reason where it aborts. */
export async function inTurns<R>(work: Generator<void, R>, signal?: AbortSignal): Promise<R> {
  for (;;) {
    signal?.throwIfAborted();
    const until = performance.now() + longest;
    while (performance.now() < until) {
      const piece = work.next();
      if (piece.done) return piece.value;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The same work where nobody waits. */
export function atOnce<R>(work: Generator<void, R>): R {
  for (;;) {
    const piece = work.next();
    if (piece.done) return piece.value;
  }
}
