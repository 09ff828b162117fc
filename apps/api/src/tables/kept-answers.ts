import type { TableAnswer, TableAsk } from './messages.js';

/** Answers that hold as long as their experiments are of the same versions. The least recently given go
 *  first. */
export class KeptAnswers {
  private readonly answers = new Map<string, { versions: string; answer: TableAnswer }>();
  private bytes = 0;

  constructor(private readonly most = 64e6) {} // bytes

  get(ask: TableAsk, versions: string): TableAnswer | null {
    const key = JSON.stringify(ask);
    const known = this.answers.get(key);
    if (!known || known.versions !== versions) return null;
    this.answers.delete(key);
    this.answers.set(key, known);
    return known.answer;
  }

  keep(ask: TableAsk, versions: string, answer: TableAnswer): void {
    const key = JSON.stringify(ask);
    this.forget(key);
    if (answer.body.byteLength > this.most / 2) return;
    this.answers.set(key, { versions, answer });
    this.bytes += answer.body.byteLength;
    for (const oldest of this.answers.keys()) {
      if (this.bytes <= this.most) return;
      this.forget(oldest);
    }
  }

  private forget(key: string): void {
    this.bytes -= this.answers.get(key)?.answer.body.byteLength ?? 0;
    this.answers.delete(key);
  }
}
