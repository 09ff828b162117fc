import type { ExperimentEvent } from '#contracts/experiment.js';

/** Events as the text of an event stream, the metrics of a trial in one frame. Only the last frame has an id,
 *  the newest event's: a reader that takes a batch when its id has come misses and repeats nothing, wherever
 *  the connection breaks. */
export function batchText(events: readonly ExperimentEvent[]): string {
  const frames = coalesced(events);
  const newest = events.at(-1)?.id;
  return frames
    .map(
      (event, i) => `${i === frames.length - 1 ? `id: ${newest}\n` : ''}data: ${JSON.stringify(event)}\n\n`,
    )
    .join('');
}

function coalesced(events: readonly ExperimentEvent[]): ExperimentEvent[] {
  const whole: ExperimentEvent[] = [];
  const places = new Map<string, number>(); // of a trial's metrics in `whole`
  for (const event of events) {
    const place = event.type === 'metrics' ? places.get(event.trialId) : undefined;
    const before = place === undefined ? undefined : whole[place];
    if (event.type === 'metrics' && before?.type === 'metrics') {
      before.metrics.push(...event.metrics);
      before.id = event.id;
      continue;
    }
    if (event.type === 'metrics') places.set(event.trialId, whole.length);
    whole.push(event.type === 'metrics' ? { ...event, metrics: [...event.metrics] } : event);
  }
  return whole;
}
