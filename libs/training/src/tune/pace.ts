const longest = 50; // milliseconds that the event loop may be held

/** Lets the process answer messages between steps, by time: a turn of the event loop at every step costs more
 *  than short steps do. */
export class Pace {
  private since = performance.now();

  async rest(): Promise<void> {
    if (performance.now() - this.since < longest) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.since = performance.now();
  }
}
