import type { Metric } from '#contracts/trainer-messages.js';

/** A trial's metrics as they come, in any order and any number of times. */
export class CurvePoints {
  private readonly series = new Map<string, Map<number, number>>();

  add(metrics: readonly Metric[]): void {
    for (const { split, name, step, value } of metrics) {
      const key = `${split} ${name}`;
      const known = this.series.get(key);
      if (known) known.set(step, value);
      else this.series.set(key, new Map([[step, value]]));
    }
  }

  get names(): string[] {
    return [...this.series.keys()];
  }

  /** Steps, and a row of values for each of `names`; null where a series has none at a step. */
  aligned(names: readonly string[]): [number[], ...(number | null)[][]] {
    const steps = new Set(names.flatMap((name) => [...(this.series.get(name)?.keys() ?? [])]));
    const sorted = [...steps].toSorted((a, b) => a - b);
    return [sorted, ...names.map((name) => sorted.map((step) => this.series.get(name)?.get(step) ?? null))];
  }
}
