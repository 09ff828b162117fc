/** One frame of an event stream. */
export interface Frame {
  event: string; // "message" where none is named
  id: string | null;
  data: string; // its data lines, joined
}

/** Frames of a text/event-stream as they arrive; comments and frames without data are left out. Ends with the stream. `heard` is
 *  called for every chunk, heartbeats included. WHATWG HTML §9.2.6, of which `retry` and byte order marks are not read. */
export async function* frames(body: ReadableStream<Uint8Array>, heard: () => void): AsyncGenerator<Frame> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let pending = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      pending += decoder.decode(value, { stream: true });
      const parts = pending.split('\n\n');
      pending = parts.pop() ?? '';
      for (const part of parts) {
        const frame = parsed(part);
        if (frame) yield frame;
      }
    }
  } finally {
    await reader.cancel().catch(() => {}); // a reader that leaves early closes the connection
  }
}

function parsed(part: string): Frame | null {
  const lines = part.split('\n');
  const field = (name: string) =>
    lines.filter((l) => l.startsWith(`${name}:`)).map((l) => l.slice(name.length + 1).replace(/^ /, ''));
  const data = field('data');
  if (!data.length) return null;
  return { event: field('event').at(-1) ?? 'message', id: field('id').at(-1) ?? null, data: data.join('\n') };
}
