/** The bookkeeping of beam search, without a model: which continuations live on and which are finished. It
 *  follows transformers 5 (generation/utils.py, _beam_search with early_stopping = False), so that results
 *  can be compared. */

/** A continuation of one of the row's beams, the best first; two for each beam (one more for each further
 *  end), since half of them may end. */
export interface Candidate {
  beam: number;
  token: number;
  score: number; // sum of log-probabilities
}

/** A text being written. */
export interface Beam {
  tokens: number[];
  score: number;
}

export interface SearchOptions {
  beams: number;
  maxTokens: number;
  lengthPenalty: number;
  endIds: readonly number[];
  earlyStopping: boolean; // stop at `beams` finished texts
}

/** One row's search. `live` always holds `beams` beams; at the start all but the first are hopeless, lest all
 *  be the same. */
export class BeamSearch {
  live: Beam[];
  done = false;
  private finished: Beam[] = []; // the best first, at most `beams`; scores with the length penalty in them
  private canImprove = true;
  private length = 0;

  constructor(private readonly options: SearchOptions) {
    this.live = Array.from({ length: options.beams }, (_, i) => ({
      tokens: [],
      score: i === 0 ? 0 : hopeless,
    }));
  }

  /** Takes the step's 2 x beams best continuations; returns for each live beam the one it grew from. */
  advance(candidates: readonly Candidate[]): number[] {
    const { beams, maxTokens, lengthPenalty, endIds, earlyStopping } = this.options;
    this.length++;
    const ends = ({ token }: Candidate) => endIds.includes(token) || this.length === maxTokens;
    const grown = ({ beam, token, score }: Candidate): Beam => ({
      tokens: [...this.live[beam]!.tokens, token],
      score,
    });
    const penalty = this.length ** lengthPenalty;
    if (this.canImprove) {
      const ended = candidates.slice(0, beams).filter(ends).map(grown);
      const scored = ended.map(({ tokens, score }) => ({ tokens, score: score / penalty }));
      this.finished = [...this.finished, ...scored].sort((a, b) => b.score - a.score).slice(0, beams);
    }
    const going = candidates.filter((c) => !ends(c)).slice(0, beams);
    if (going.length === 0) this.done = true;
    else this.live = going.map(grown);
    const full = this.finished.length === beams;
    this.canImprove &&= !full || this.live[0]!.score / penalty > this.finished[beams - 1]!.score;
    if (full && earlyStopping) this.canImprove = false;
    this.done ||= !this.canImprove;
    return going.map((c) => c.beam);
  }

  /** The finished texts without their ends, the best first; one at least, if an empty one. */
  ended(): number[][] {
    const { endIds } = this.options;
    const texts = this.finished.map(({ tokens }) =>
      endIds.includes(tokens.at(-1)!) ? tokens.slice(0, -1) : tokens,
    );
    return texts.length > 0 ? texts : [[]];
  }
}

const hopeless = -1e9;
