import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { paceContent, unpaddedKnobs } from '#contracts/sharing.js';
import type { TrialConfig, TuneConfig } from '#contracts/trial.js';
import type { Mates } from '#db/claim-attempts.js';
import type { TrainerOutcome } from '../trainer-process.js';
import { noted, Pace, type Sample, sizesToTake } from './pace.js';

export interface KnownPacesSettings {
  home: string;
  device: string; // as the trainer names it, processor and threads
  cap: number; // members of a gang at most
  log(line: string): void;
}

/** What this machine's gangs took, in the folder `gangs` of the home: a file a shape. A file is replaced as a
 *  whole. Of two processes that write at once one may not be heard; that gang is measured again. */
export class KnownPaces {
  private readonly folder: string;
  private readonly machine: string;

  constructor(private readonly settings: KnownPacesSettings) {
    this.folder = join(settings.home, 'gangs');
    this.machine = settings.device;
  }

  /** What a trial that was claimed alone is to take along; undefined: nothing. */
  mates(config: TrialConfig): Mates | undefined {
    const { cap } = this.settings;
    const of = cap > 1 ? this.of(config) : null;
    if (!of || config.stage !== 'tune') return undefined;
    const { steps, optimizer } = config.training;
    const sizes = sizesToTake(this.read(of), { cap, steps });
    return sizes.length ? { sizes, mayDiffer: unpaddedKnobs(config.method, optimizer.name) } : undefined;
  }

  /** Notes what trials like `config` took that were trained as one. What ended otherwise says nothing. */
  learn(config: TrialConfig, members: number, outcome: TrainerOutcome): void {
    const of = this.of(config);
    const found = of && foundIn(outcome, members);
    if (!of || !found) return;
    try {
      this.write(of, noted(this.read(of), members, found));
    } catch (error) {
      this.settings.log(`what a gang took is not noted: ${(error as Error).message}`);
    }
  }

  private of(config: TrialConfig): Record<string, unknown> | null {
    const content = config.stage === 'tune' ? paceContent(config satisfies TuneConfig) : null;
    return content && { machine: this.machine, ...content };
  }

  private read(of: Record<string, unknown>): Pace {
    const fresh: Pace = { version: 1, of, sizes: {} };
    let text: string;
    try {
      text = readFileSync(this.fileOf(of), 'utf8');
    } catch {
      return fresh; // nothing of this shape was measured yet
    }
    try {
      return Pace.parse(JSON.parse(text));
    } catch (error) {
      this.settings.log(`${this.fileOf(of)} is measured anew: ${(error as Error).message}`);
      return fresh;
    }
  }

  private write(of: Record<string, unknown>, pace: Pace): void {
    mkdirSync(this.folder, { recursive: true });
    const path = this.fileOf(of);
    const written = `${path}.${process.pid}`;
    writeFileSync(written, JSON.stringify(pace));
    renameSync(written, path);
  }

  private fileOf(of: Record<string, unknown>): string {
    const hash = createHash('sha256').update(JSON.stringify(of)).digest('hex');
    return join(this.folder, `${hash.slice(0, 24)}.json`);
  }
}

/** undefined: it says nothing of how fast such a gang is. */
function foundIn(outcome: TrainerOutcome, members: number): Sample | 'unfit' | undefined {
  if (outcome.end === 'died') return outcome.cause === 'oom' && members > 1 ? 'unfit' : undefined;
  if (outcome.end !== 'verdicts') return undefined;
  const summaries = outcome.verdicts.flatMap((v) => (v.verdict === 'succeeded' ? [v.summary] : []));
  const [first] = summaries;
  if (members > 1 && outcome.verdicts.some((v) => v.verdict === 'failed' && v.cause === 'oom'))
    return 'unfit';
  if (!first || summaries.length < members || summaries.some(({ gang }) => gang !== members))
    return undefined;
  const { stepMs, compileSeconds } = first;
  return stepMs > 0 ? { stepMs, compileSeconds } : undefined;
}
