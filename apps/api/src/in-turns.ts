const longest = 20; // milliseconds that other requests wait

/** Long work, piece by piece, with the event loop free between the pieces: others are answered meanwhile. */
export async function inTurns<R>(work: Generator<void, R>): Promise<R> {
  for (;;) {
    const until = performance.now() + longest;
    while (performance.now() < until) {
      const piece = work.next();
      if (piece.done) return piece.value;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
