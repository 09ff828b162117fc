import { hostFault } from '#training/host-fault.js';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  lastWords: string; // what it wrote to stderr last
  oomKills: number; // that the kernel counted while it trained
}

export type Death =
  | { end: 'died'; cause: 'oom' | 'killed' | 'error'; message: string }
  | { end: 'host-fault'; message: string };

/** What an exit that nobody asked for amounts to. Too little memory needs evidence: the allocator's words, or
 *  the kernel's count. */
export function causeOfDeath({ code, signal, lastWords, oomKills }: Exit): Death {
  const last = lastLine(lastWords);
  if (/heap out of memory|std::bad_alloc|OOM when allocating/.test(lastWords))
    return { end: 'died', cause: 'oom', message: `the trainer ran out of memory: ${last}` };
  const killed = signal === 'SIGKILL' || code === 137;
  if (killed && oomKills > 0)
    return {
      end: 'died',
      cause: 'oom',
      message: 'the trainer was killed by the kernel, which counts it as out of memory',
    };
  const fault = hostFault(new Error(lastWords.slice(-500)));
  if (fault && !signal) return { end: 'host-fault', message: fault };
  if (killed)
    return {
      end: 'died',
      cause: 'killed',
      message: 'the trainer was killed by a signal from outside (SIGKILL); nothing says that memory ran out',
    };
  if (signal === 'SIGTERM' || signal === 'SIGINT' || signal === 'SIGHUP')
    return {
      end: 'died',
      cause: 'killed',
      message: `the trainer was killed by a signal from outside (${signal})`,
    };
  const how = signal ? `by ${signal}` : `with exit code ${code}`;
  return { end: 'died', cause: 'error', message: `the trainer ended ${how}${last ? `: ${last}` : ''}` };
}

export const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.slice(0, 500) ?? '';
