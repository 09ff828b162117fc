import type { TrialConfig } from '#contracts/trial.js';
import { TrainerProcess, type TrainerSettings, TrainerUnable } from './trainer-process.js';

const mostFailures = 3; // starts of a trainer that fail in a row before its machine is given up

interface Slot {
  trainer: TrainerProcess | null;
  busy: boolean;
  backbone: string; // what its trainer holds in memory
  starting: Promise<TrainerProcess> | null;
}

/** A trainer per slot, kept warm from gang to gang; a dead one is replaced when its slot is wanted. */
export class TrainerPool {
  private readonly slots: Slot[];

  private constructor(
    private readonly settings: TrainerSettings,
    count: number,
  ) {
    this.slots = Array.from({ length: count }, () => ({
      trainer: null,
      busy: false,
      backbone: '',
      starting: null,
    }));
  }

  /** Starts every trainer, so that a machine that cannot compute says so at once. */
  static async start(settings: TrainerSettings, count: number): Promise<TrainerPool> {
    const pool = new TrainerPool(settings, count);
    await Promise.all(pool.slots.map((slot) => pool.warm(slot)));
    return pool;
  }

  get device(): string {
    return this.slots[0]?.trainer?.device ?? 'unknown';
  }

  /** A free slot's trainer, if possible one that holds the config's backbone. The queue hands out no more
   *  jobs than there are slots. Throws where no trainer can be started. */
  async take(config: TrialConfig): Promise<TrainerProcess> {
    const backbone = JSON.stringify(config.stage === 'pretrain' ? config.pretrain.size : config.backbone);
    const free = this.slots.filter((slot) => !slot.busy);
    const slot = free.find((s) => s.trainer?.alive && s.backbone === backbone) ?? free[0];
    if (!slot) throw new Error('every slot is busy');
    slot.busy = true;
    try {
      const trainer = await this.warm(slot);
      slot.backbone = backbone;
      return trainer;
    } catch (error) {
      slot.busy = false;
      throw error;
    }
  }

  /** Starts the trainers that free slots lack. Throws where one cannot be started. */
  async refill(): Promise<void> {
    await Promise.all(this.slots.filter((slot) => !slot.busy).map((slot) => this.warm(slot)));
  }

  /** Frees the trainer's slot; `worn` ends the trainer, and the next gang gets a fresh one. */
  async give(trainer: TrainerProcess, { worn }: { worn: boolean }): Promise<void> {
    const slot = this.slots.find((s) => s.trainer === trainer);
    if (worn) await trainer.close();
    if (slot) slot.busy = false;
  }

  async close(): Promise<void> {
    await Promise.all(this.slots.map((slot) => slot.trainer?.close()));
  }

  private warm(slot: Slot): Promise<TrainerProcess> {
    return (slot.starting ??= this.start(slot).finally(() => (slot.starting = null)));
  }

  private async start(slot: Slot): Promise<TrainerProcess> {
    for (let failures = 0; !slot.trainer?.alive; failures++) {
      try {
        slot.trainer = await TrainerProcess.start(this.settings);
      } catch (error) {
        // else it was killed as it started
        if (error instanceof TrainerUnable || failures === mostFailures) throw error;
      }
    }
    return slot.trainer;
  }
}
