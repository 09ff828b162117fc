/** Trials whose training has ended, and whose files and verdicts are being written while their slots train
 *  others: one a slot at most. */
export class Settling {
  private readonly under = new Set<Promise<void>>();

  constructor(private readonly slots: number) {}

  /** Resolves when the slot may take another. What `settled` rejects with is logged. */
  async add(settled: Promise<void>, log: (line: string) => void): Promise<void> {
    const done = settled.catch((error: Error) => log(error.message)).finally(() => this.under.delete(done));
    this.under.add(done);
    while (this.under.size > this.slots) await Promise.race(this.under);
  }

  /** Resolves when all of them are settled. */
  async all(): Promise<void> {
    await Promise.all(this.under);
  }
}
