/** Sleep that can be cut short. A ring that nobody waits for is kept for the next wait. */
export class Alarm {
  private rung = false;
  ended = false;
  private wake: (() => void) | null = null;

  ring(): void {
    this.rung = true;
    this.wake?.();
  }

  end(): void {
    this.ended = true;
    this.wake?.();
  }

  async wait(ms: number): Promise<void> {
    if (!this.rung) await this.slept(ms);
    this.rung = false;
  }

  async slept(ms: number): Promise<void> {
    if (this.ended) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = null;
  }
}
