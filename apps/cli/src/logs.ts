import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { isOutOfRoom } from '#db/postgres/last-words.js';

export interface Log {
  file: string;
  write(chunk: Buffer): void;
}

const mostBytes = 10_000_000; // of a log; with the one before it (NAME.log.1) twice as much
const probeBytes = 1_000_000;
const probeMs = 2_000;

/** The logs of all parts in one folder. Writing one never throws: where the disk is full, lines are lost,
 *  which is said once, and once more when it is over. */
export class Logs {
  private probing: NodeJS.Timeout | undefined;

  /** Throws where the folder can not be made. */
  constructor(
    private readonly folder: string,
    private readonly say: (line: string) => void,
  ) {
    mkdirSync(folder, { recursive: true });
  }

  get inTrouble(): boolean {
    return this.probing !== undefined;
  }

  open(name: string): Log {
    const file = join(this.folder, `${name}.log`);
    let open: { fd: number; bytes: number } | null = null;
    const close = (): void => {
      if (open) closeSync(open.fd);
      open = null;
    };
    const write = (chunk: Buffer): void => {
      try {
        if (open && open.bytes + chunk.length > mostBytes) {
          close();
          renameSync(file, `${file}.1`);
        }
        open ??= opened(file);
        open.bytes += writeSync(open.fd, chunk);
      } catch (error) {
        close();
        this.trouble(error as Error);
      }
      if (isOutOfRoom(chunk.toString('latin1'))) this.probe();
    };
    return { file, write };
  }

  /** Looks whether there is room, after somebody said that there is none. */
  probe(): void {
    const file = join(this.folder, `.room-${process.pid}`);
    try {
      writeFileSync(file, Buffer.alloc(probeBytes));
      this.wellAgain();
    } catch (error) {
      this.trouble(error as Error);
    } finally {
      rmSync(file, { force: true });
    }
  }

  private trouble(error: Error): void {
    if (this.probing) return;
    const what = isOutOfRoom(error.message) ? 'the disk is full' : `the disk fails (${error.message})`;
    this.say(
      `${what}: ${this.folder} can not be written to; what runs goes on, and its logs have gaps until there is room`,
    );
    this.probing = setInterval(() => this.probe(), probeMs).unref();
  }

  private wellAgain(): void {
    if (!this.probing) return;
    clearInterval(this.probing);
    this.probing = undefined;
    this.say('the disk can be written to again');
  }
}

function opened(file: string): { fd: number; bytes: number } {
  const fd = openSync(file, 'a', 0o600);
  return { fd, bytes: fstatSync(fd).size };
}
