import type { WatchedTrial, WatchState } from './watch-state.js';
import { endedLine, headLines, headline, type Look, watchLines } from './watch-view.js';

const quietFor = 10_000; // ms between counts where the output is no terminal

/** Draws a watched experiment: in place on a terminal, line by line anywhere else. */
export class WatchScreen {
  private drawn = 0; // lines on the terminal that the next picture replaces
  private toldAt = 0;
  private away = false;
  private readonly terminal: boolean;

  constructor(private readonly stream: NodeJS.WriteStream) {
    this.terminal = Boolean(stream.isTTY) && process.env['TERM'] !== 'dumb';
  }

  draw(state: WatchState): void {
    if (this.terminal) return this.replace(watchLines(state.experiment, state.trials.values(), this.look));
    if (Date.now() - this.toldAt < quietFor) return;
    this.toldAt = Date.now();
    this.stream.write(`${headline(state.experiment)}\n`);
  }

  tell(trial: WatchedTrial): void {
    if (this.terminal && trial.state === 'succeeded') return;
    this.replace([]);
    this.stream.write(`${endedLine(trial)}\n`);
  }

  finish(state: WatchState): void {
    this.replace([]);
    const lines = this.terminal ? headLines(state.experiment, this.look) : [headline(state.experiment)];
    this.stream.write(`${lines.join('\n')}\n`);
  }

  /** One column is left free, since some terminals break a line that fills them all. NO_COLOR: no-color.org.
   */
  private get look(): Look {
    return { width: (this.stream.columns || 80) - 1, colour: this.terminal && !process.env['NO_COLOR'] };
  }

  lost(tell: () => void): void {
    if (!this.away) tell();
    this.drawn = 0;
    this.away = true;
  }

  reached(): void {
    this.away = false;
  }

  private replace(lines: string[]): void {
    if (!this.terminal) return;
    const up = this.drawn ? `\u001B[${this.drawn}A\r` : '';
    this.stream.write(`${up}\u001B[0J${lines.map((l) => `${l}\n`).join('')}`);
    this.drawn = lines.length;
  }
}
