import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** One frame of an event stream. */
export interface Frame {
  event: string; // "message" where none is named
  id: string | null;
  data: string; // its data lines, joined
}

/** Frames of a text/event-stream as they arrive; comments and frames without data are left out. Ends with the
 *  stream. `heard` is called for every chunk, heartbeats included. */
export async function* frames(body: ReadableStream<Uint8Array>, heard: () => void): AsyncGenerator<Frame> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const arrived: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => arrived.push(message) });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      parser.feed(decoder.decode(value, { stream: true }));
      for (const { event = 'message', id = null, data } of arrived.splice(0)) yield { event, id, data };
    }
  } finally {
    await reader.cancel().catch(() => {}); // a reader that leaves early closes the connection
  }
}
