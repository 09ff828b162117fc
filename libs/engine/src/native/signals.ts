import koffi from 'koffi';

const setMask = process.platform === 'darwin' ? 3 : 2; // SIG_SETMASK of signal.h
const setBytes = 128; // of a sigset_t, at most

/** Holds signals back from the thread that calls, and from threads that it starts meanwhile.
 *
 *  oneDNN's products of float32 on x64 (jit_avx512_common_gemm_f32) take the stack pointer for a buffer of
 *  the heap where the common dimension is long. A handler that runs then writes over what lies there: a
 *  trainer that hears Ctrl-C and goes on would go on with other numbers, or die. Signals that come meanwhile
 *  are heard afterwards, or at once by one of Node's other threads. */
export class HeldSignals {
  private readonly all = new Uint8Array(setBytes).fill(0xff); // the system leaves out what can't be held
  private readonly before = new Uint8Array(setBytes);
  private readonly sigmask = koffi
    .load(null)
    .func('pthread_sigmask', 'int', ['int', 'void *', 'void *']) as unknown as Sigmask;

  during<T>(work: () => T): T {
    if (this.sigmask(setMask, this.all, this.before) !== 0) throw new Error('signals can not be held back');
    try {
      return work();
    } finally {
      this.sigmask(setMask, this.before, null);
    }
  }
}

type Sigmask = (how: number, set: Uint8Array, before: Uint8Array | null) => number;
