import { z } from 'zod';
import { type Prediction, predictionOf, PredictionsHead } from './predictions.js';

/** A file of predictions that is not what docs/predictions.md says. The message names the line. */
export class DamagedPredictions extends Error {
  override name = 'DamagedPredictions';
}

export interface OpenPredictions {
  head: PredictionsHead;
  /** The examples, in the file's order, to be read once. */
  predictions: AsyncGenerator<Prediction, void>;
}

const longestLine = 16_000_000; // characters: nothing that was written as a prediction comes near

/** A file of predictions out of its gzip bytes, in Node and in the browser. Holds one line at a time. Who
 *  does not read to the end calls `predictions.return()`. Throws DamagedPredictions, here and from
 *  `predictions`. */
export async function openPredictions(bytes: ReadableStream<Uint8Array>): Promise<OpenPredictions> {
  const lines = linesOf(bytes);
  const first = await lines.next();
  if (first.done) throw new DamagedPredictions('line 1: the file is empty; expected its head');
  try {
    const head = parsed(PredictionsHead, first.value, 1);
    return { head, predictions: examplesOf(head, lines) };
  } catch (error) {
    await lines.return();
    throw error;
  }
}

async function* examplesOf(
  head: PredictionsHead,
  lines: AsyncGenerator<string, void>,
): AsyncGenerator<Prediction, void> {
  let number = 1;
  for await (const line of lines) {
    number++;
    const prediction = parsed<Prediction>(predictionOf[head.kind], line, number, (value) =>
      asWritten(head, value),
    );
    const unknown = labelsOf(prediction).find(
      (label) => label !== null && !(label >= 0 && label < head.labels.length),
    );
    if (unknown !== undefined)
      throw new DamagedPredictions(
        `line ${number}: there is no label ${unknown}; the head has ${head.labels.length}`,
      );
    yield prediction;
  }
}

/** A line says its kind as the head does. Files of before segments hold the input as one text. */
function asWritten({ kind }: PredictionsHead, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { input } = value as { input?: unknown };
  return { ...value, kind, ...(typeof input === 'string' && { input: [input] }) };
}

/** What an example names of the head's labels: what is right, and what was said. */
function labelsOf(prediction: Prediction): (number | null)[] {
  switch (prediction.kind) {
    case 'class':
      return [prediction.answer.label, prediction.said.label];
    case 'tags':
      return [...prediction.answer.tags, ...prediction.said.tags];
    default:
      return [];
  }
}

function parsed<T>(
  schema: z.ZodType<T>,
  line: string,
  number: number,
  prepared: (value: unknown) => unknown = (value) => value,
): T {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new DamagedPredictions(`line ${number}: it is no JSON (${(cause as Error).message})`, { cause });
  }
  const { success, data, error } = schema.safeParse(prepared(value));
  if (success) return data;
  const { path, message } = error.issues[0]!;
  throw new DamagedPredictions(`line ${number}: ${path.length ? `${path.join('.')}: ` : ''}${message}`);
}

async function* linesOf(bytes: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  const unzipped = bytes.pipeThrough(
    new DecompressionStream('gzip') as unknown as TransformStream<Uint8Array, Uint8Array>,
  );
  const reader = unzipped.getReader();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let open = ''; // of a line whose end has not come
  let number = 1;
  try {
    for (;;) {
      const { value, done } = await reader.read().catch((cause: Error) => broken(number, cause));
      const lines = (open + decoded(decoder, value, number)).split('\n');
      open = lines.pop()!;
      for (const line of lines) {
        yield line;
        number++;
      }
      if (open.length > longestLine)
        throw new DamagedPredictions(`line ${number}: it is longer than ${longestLine} characters`);
      if (done) break;
    }
    if (open) throw new DamagedPredictions(`line ${number}: it has no end; the file was cut`);
  } finally {
    await reader.cancel().catch(() => {}); // whoever reads has failed, or has read enough
  }
}

function decoded(
  decoder: InstanceType<typeof TextDecoder>,
  value: Uint8Array | undefined,
  number: number,
): string {
  try {
    return value ? decoder.decode(value, { stream: true }) : decoder.decode();
  } catch (cause) {
    return broken(number, cause as Error);
  }
}

function broken(number: number, cause: Error): never {
  throw new DamagedPredictions(`line ${number}: what follows can not be unpacked (${cause.message})`, {
    cause,
  });
}
