import { execFile } from 'node:child_process';
import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { machineFault } from './machine-fault.js';

const longestPauseMs = 10 * 60_000;
const mostPollMs = 5_000;
const probeBytes = 1 << 20;
const probeHandles = 32;

export interface MachineOptions {
  folders: string[]; // that must take what is written
  pauseMs: number; // after a fault, at least; doubled by each that follows without a trial in between
  closing: AbortSignal;
  /** Takes work (true) or takes none. */
  take(work: boolean): void;
  /** Throws what stands in the way of training. */
  prepare(): Promise<unknown>;
  /** Shows the fault, or that there is none. */
  show(fault: string | null): Promise<unknown>;
  log(line: string): void;
}

/** The machine that a worker runs on. While it has a fault, the worker takes no work and probes until the
 *  fault is gone. */
export class Machine {
  private faults = 0; // since a trial ended well
  private current: string | null = null;

  constructor(private readonly options: MachineOptions) {}

  get fault(): string | null {
    return this.current;
  }

  /** From here on no work is taken. Resolves once everybody can see why. */
  async noteFault(fault: string): Promise<void> {
    if (this.current !== null) return;
    this.current = fault;
    const pauseMs = Math.min(longestPauseMs, this.options.pauseMs * 2 ** this.faults++);
    this.options.take(false);
    this.options.log(`this machine has a fault, and takes no work until it is gone: ${fault}`);
    void this.recover(performance.now() + pauseMs, Math.min(mostPollMs, pauseMs));
    await this.show();
  }

  /** A trial ended well. */
  noteWork(): void {
    this.faults = 0;
  }

  /** Shows the fault again, where it was forgotten. */
  async show(): Promise<void> {
    await this.options
      .show(this.current)
      .catch((error: Error) => this.options.log(`the fault cannot be shown: ${error.message}`));
  }

  private async recover(notBefore: number, pollMs: number): Promise<void> {
    const { closing, folders, prepare, take, log } = this.options;
    while (!closing.aborted) {
      await sleep(pollMs, undefined, { signal: closing }).catch(() => {});
      if (closing.aborted) return;
      const found = await probe(folders)
        .then(prepare)
        .then(
          () => null,
          (error: Error) => machineFault(error)?.message ?? error.message,
        );
      if (found !== null && found !== this.current) {
        this.current = found;
        await this.show();
      }
      if (found === null && performance.now() >= notBefore) break;
    }
    if (closing.aborted) return;
    this.current = null;
    log('the fault is gone: this machine takes work again');
    await this.show();
    take(true);
  }
}

/** Throws where the folders take nothing, or no file or process can be opened. */
async function probe(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const path = join(folder, `probe-${process.pid}`);
    try {
      await writeFile(path, Buffer.alloc(probeBytes), { flush: true });
    } finally {
      await rm(path, { force: true });
    }
  }
  const handles = await Promise.allSettled(
    Array.from({ length: probeHandles }, () => open(process.execPath)),
  );
  for (const handle of handles) if (handle.status === 'fulfilled') await handle.value.close();
  for (const handle of handles) if (handle.status === 'rejected') throw handle.reason;
  await promisify(execFile)(process.execPath, ['--version']);
}
