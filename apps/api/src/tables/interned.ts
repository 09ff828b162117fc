import type { Summary } from '#contracts/trainer-messages.js';

const shared = ['metrics', 'references', 'sizes', 'provenance'] as const; // alike in many trials

/** Summaries whose equal parts are one object: a hundred thousand of them fit into memory. */
export class Interned {
  private readonly summaries = new Map<string, Summary>();
  private readonly known = new Map<string, object>();

  /** Equal texts give one and the same object, as long as there are not too many of them. */
  summary(json: string): Summary {
    const known = this.summaries.get(json);
    if (known) return known;
    const summary = JSON.parse(json) as Summary;
    for (const name of shared) {
      const part = summary[name];
      if (part) Object.assign(summary, { [name]: this.part(part) });
    }
    if (json.length < longest && this.summaries.size < most) this.summaries.set(json, summary);
    return summary;
  }

  private part<T extends object>(value: T): T {
    const key = JSON.stringify(value);
    const known = this.known.get(key);
    if (known) return known as T;
    if (this.known.size >= most) this.known.clear();
    this.known.set(key, value);
    return value;
  }
}

const most = 10_000;
const longest = 10_000; // characters
