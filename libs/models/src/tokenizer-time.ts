/** A tokenizer.json brings regular expressions of its own, and some take years for a short text. */
import { createContext, Script } from 'node:vm';

/** Milliseconds that a text may take: a hundred times what a long one needs. */
const limit = (characters: number): number => 5000 + Math.ceil(characters / 10);

const harmless = [' {2,}', '\\s+']; // T5's; what is asked for each text costs nothing then

/** The patterns of a tokenizer.json that could take long. */
export function ownPatterns(tokenizer: unknown): string[] {
  const { normalizer, pre_tokenizer, decoder, post_processor } = (tokenizer ?? {}) as Record<string, unknown>;
  const found = [normalizer, pre_tokenizer, decoder, post_processor].flatMap(patternsIn);
  return [...new Set(found)].filter((pattern) => !harmless.includes(pattern));
}

function patternsIn(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) =>
    key === 'Regex' && typeof value === 'string' ? [value] : patternsIn(value),
  );
}

/** A tokenizer that does not end, by the file's own patterns. */
export class SlowTokenizer extends Error {}

/** Runs work of a tokenizer on so many characters or tokens, and ends it after 5 seconds (and 0.1 ms for each
 *  of them). Work that did not end is tried once more, since the process may have been stopped meanwhile.
 *  Throws SlowTokenizer, which names the file and its patterns. */
export type Bounded = <T>(size: number, work: () => T) => T;

export function boundedBy(patterns: readonly string[], path: string): Bounded {
  if (patterns.length === 0) return (_size, work) => work();
  const context = createContext({ work: undefined as unknown });
  const script = new Script('work()');
  return <T>(size: number, work: () => T): T => {
    const timeout = limit(size);
    context['work'] = work;
    for (let tries = 1; ; tries++) {
      try {
        return script.runInContext(context, { timeout }) as T;
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw cause;
        if (tries === 1) continue;
        const shown = patterns.map((pattern) => JSON.stringify(pattern.slice(0, 80))).join(', ');
        const message = `${path} took more than ${timeout / 1000} s for a text of ${size}: its patterns are ${shown}`;
        throw new SlowTokenizer(message, { cause });
      }
    }
  };
}
