/** Knobs that came after trials had keys. At these values a config trains as it did before there were such,
 *  and its content leaves them out: results of older code stay reachable. Of methods and tasks by their
 *  names. */
const younger: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  task: { draw: 0, sentinel: false, files: null, wholeFiles: false },
  e2e: { groupBy: null, rerank: null, trainOn: 'texts' },
  'prefix-tuning': { dropout: 0 },
  training: { selectBy: null, labelSmoothing: 0, dropout: 0 },
};

/** What of a config is its content: all but younger knobs at the value that older configs had. Takes and
 *  gives plain JSON. */
export function contentOf(config: unknown): unknown {
  return contentIn(config, '');
}

const named: readonly string[] = ['method', 'task'];

function youngerOf(noun: string, { name }: { name?: unknown }): Readonly<Record<string, unknown>> {
  const all = ofNoun(noun);
  return named.includes(noun) ? { ...all, ...ofNoun(String(name)) } : all;
}

const none = {};
// any name may be a knob's, "constructor" too
const ofNoun = (noun: string) => (Object.hasOwn(younger, noun) ? younger[noun]! : none);

function contentIn(value: unknown, noun: string): unknown {
  if (Array.isArray(value)) return value.map((item) => contentIn(item, noun));
  if (typeof value !== 'object' || value === null) return value;
  const own = youngerOf(noun, value as { name?: unknown });
  // without a prototype, so that any name may be a knob's
  const content = Object.create(null) as Record<string, unknown>;
  for (const [knob, v] of Object.entries(value)) {
    if (Object.hasOwn(own, knob) && own[knob] === v) continue;
    content[knob] = contentIn(v, noun === 'tasks' ? 'task' : knob);
  }
  return content;
}
