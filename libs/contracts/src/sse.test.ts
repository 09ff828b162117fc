import { type Frame, frames } from './sse.js';

async function framesOf(chunks: readonly string[]): Promise<{ frames: Frame[]; heard: number }> {
  const bytes = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(bytes.encode(chunk));
      controller.close();
    },
  });
  let heard = 0;
  const found: Frame[] = [];
  for await (const frame of frames(body, () => heard++)) found.push(frame);
  return { frames: found, heard };
}

it('reads frames however they are cut and whatever ends their lines, and hears heartbeats', async () => {
  const text = '\uFEFF: beat\r\n\r\nevent: cursor\r\nid: 7\r\ndata: {}\r\n\r\ndata: a\ndata: ü\n\nid: 9\n\n';
  const expected = [
    { event: 'cursor', id: '7', data: '{}' },
    { event: 'message', id: null, data: 'a\nü' },
  ];
  expect(await framesOf([text])).toEqual({ frames: expected, heard: 1 });
  expect(await framesOf([...text])).toEqual({ frames: expected, heard: [...text].length });
});
