import { useEffect, useState } from 'react';

/** What `read` answers, asked for again every `everyMs` while the page is seen; the last answer stays when
 *  one fails. */
export function usePolled<T>(
  read: () => Promise<T>,
  everyMs: number,
): { value: T | null; problem: Error | null } {
  const [value, setValue] = useState<T | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);
  useEffect(() => {
    let ended = false;
    const ask = async (): Promise<void> => {
      if (document.hidden) return;
      try {
        const answer = await read();
        if (ended) return;
        setValue(answer);
        setProblem(null);
      } catch (error) {
        if (!ended) setProblem(error as Error);
      }
    };
    void ask();
    const timer = setInterval(() => void ask(), everyMs);
    const seen = () => void ask();
    document.addEventListener('visibilitychange', seen);
    return () => {
      ended = true;
      clearInterval(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, []);
  return { value, problem };
}
