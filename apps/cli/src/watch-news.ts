import type { CellView, ExperimentView } from '#contracts/experiment.js';
import type { WatchedTrial } from './watch-state.js';

/** A watched experiment as lines for programs (NDJSON), each an object with a `type`: experiment: its state,
 *  counts of trials by state and seconds left, at first and whenever a count or the state has changed trial:
 *  a trial's state has changed, with the reason progress: its step, training loss or validation score has
 *  changed end: the last line, with the whole experiment and its cells */
export class WatchNews {
  private counts = '';
  private readonly states = new Map<string, string>();
  private readonly places = new Map<string, string>();

  constructor(private readonly write: (line: object) => void) {}

  experiment({ id, name, state, trials, etaSeconds }: ExperimentView): void {
    const counts = JSON.stringify([state, trials]);
    if (counts === this.counts) return;
    this.counts = counts;
    this.write({ type: 'experiment', id, name, state, trials, etaSeconds });
  }

  trial(trialId: string, trial: WatchedTrial | undefined): void {
    if (!trial) return;
    const { label, state, step, steps, why, loss, score } = trial;
    if (this.states.get(trialId) !== state) {
      this.states.set(trialId, state);
      this.write({ type: 'trial', trialId, label, state, step, steps, why });
    }
    const place = JSON.stringify([step, loss, score]);
    if (this.places.get(trialId) === place) return;
    this.places.set(trialId, place);
    this.write({ type: 'progress', trialId, step, steps, loss, score });
  }

  end(experiment: ExperimentView, cells: readonly CellView[]): void {
    this.write({ type: 'end', experiment, cells });
  }
}
