/** What `predict` says of a trial's test texts is what the trial said of them when it ended. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as tf from '@tensorflow/tfjs';
import type { AnswerBy } from '#contracts/answer.js';
import { Kind } from '#contracts/kind.js';
import { Prediction as Kept, PredictionsHead, predictionsFile } from '#contracts/predictions.js';
import { TuneConfig } from '#contracts/trial.js';
import { startEngine } from '#engine/native/start.js';
import { adapterOfTrial } from '#methods/files/loaded-adapter.js';
import { withMaskToken } from '#models/fixtures/mask-token.js';
import { fixtureFolder } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import { toyTask } from '../fixtures/kinds.js';
import { checkpointOf, folder, outcomeOf, removeToys, toyConfig, toyMember } from '../fixtures/toy.js';
import type { AskedText } from './asked-text.js';
import { predict } from './predict.js';
import type { Prediction } from './prediction.js';

const [bert, gpt2, t5] = [
  withMaskToken(join(folder, 'masked')),
  fixtureFolder('gpt2'),
  fixtureFolder('t5-v1.1'),
];
const lora = { name: 'lora', rank: 2 };
const prompt = { name: 'prompt-tuning', length: 3 };

const cases: { kind: Kind; by: AnswerBy; backbone: string; method: object }[] = [
  { kind: 'class', by: 'head', backbone: bert, method: { name: 'full' } },
  { kind: 'choice', by: 'label-words', backbone: gpt2, method: lora },
  { kind: 'tags', by: 'head', backbone: bert, method: { name: 'p-tuning-v2', length: 3 } },
  { kind: 'span', by: 'head', backbone: bert, method: lora },
  { kind: 'text', by: 'decoding', backbone: t5, method: lora },
  { kind: 'cloze', by: 'label-words', backbone: bert, method: prompt },
  { kind: 'cloze', by: 'label-words', backbone: t5, method: lora },
  { kind: 'number', by: 'head', backbone: bert, method: prompt },
  { kind: 'language', by: 'label-words', backbone: gpt2, method: prompt },
];

beforeAll(async () => {
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
});
afterAll(removeToys);

it('looks at every kind', () => {
  expect([...new Set(cases.map(({ kind }) => kind))].toSorted()).toEqual(Kind.options.toSorted());
});

it.each(cases)('$kind by $by, $method.name', async ({ kind, by, backbone, method }) => {
  const task = toyTask(kind) as { answer?: object };
  const own = by === 'decoding' ? task.answer : {};
  const config = TuneConfig.parse({
    ...toyConfig(backbone, method, { training: { steps: 3 } }),
    task: { ...task, answer: { ...own, by } },
  });
  const member = toyMember(config);
  const outcome = await outcomeOf([member]);
  expect(outcome.verdicts).toMatchObject([{ verdict: 'succeeded' }]);
  const { labels, kept } = keptIn(checkpointOf(outcome, member, 'predictions'));
  const model = await loadModel(backbone);
  const adapter = await adapterOfTrial(checkpointOf(outcome, member, 'adapter'), model, config.method);
  try {
    const said: Prediction[] = [];
    for await (const one of predict(model, { task: config.task, adapter }, kept.map(askedOf))) said.push(one);
    expect(said).toHaveLength(kept.length);
    expect(kept.length).toBeGreaterThan(3);
    for (const [i, one] of kept.entries()) expectEqual(said[i]!, one, labels);
  } finally {
    tf.dispose(adapter.parameters);
    model.dispose();
  }
});

function keptIn(at: string): { labels: string[]; kept: Kept[] } {
  const text = gunzipSync(readFileSync(join(at, predictionsFile))).toString();
  const written = text.trimEnd().split('\n');
  const [head, ...lines] = written.map((line) => JSON.parse(line) as object);
  const kept = lines.map((line) => Kept.parse(line)).filter(({ split }) => split === 'test');
  return { labels: PredictionsHead.parse(head).labels, kept };
}

function askedOf({ kind, input, answer }: Kept): AskedText {
  if (kind === 'choice') return { input, choices: answer.choices };
  return kind === 'tags' ? { words: answer.words } : { input };
}

/** The same but for the digits that a file keeps of a number. */
function expectEqual(told: Prediction, kept: Kept, labels: readonly string[]): void {
  const near = (a: unknown, b: number | null | undefined) =>
    expect(Math.abs((a as number) - b!)).toBeLessThanOrEqual(2e-6 * Math.max(1, Math.abs(b!)));
  const nearAll = (a: unknown, b: readonly (number | null)[] | undefined) => {
    expect((a as number[] | undefined)?.length).toBe(b?.length);
    for (const [i, x] of (b ?? []).entries()) near((a as number[])[i], x);
  };
  switch (kept.kind) {
    case 'class':
      expect(told).toMatchObject({ label: kept.said.label === null ? null : labels[kept.said.label] });
      expect(told['text']).toBe(kept.said.text);
      return nearAll(told['logits'], kept.said.scores);
    case 'choice':
      expect(told['choice']).toBe(kept.answer.choices[kept.said.choice!]);
      return nearAll(told['logits'], kept.said.scores);
    case 'tags':
      expect(told['tags']).toEqual(kept.said.tags.map((tag) => (tag === null ? null : labels[tag])));
      return;
    case 'span':
      expect(told).toMatchObject({ text: kept.said.text, from: kept.said.from, to: kept.said.to });
      if (kept.said.score !== undefined) near(told['score'], kept.said.score);
      return;
    case 'text':
      expect(told['text']).toBe(kept.said.text);
      return;
    case 'cloze':
      expect(told['words']).toEqual(kept.said.words);
      return;
    case 'number':
      return near(told['value'], kept.said.value);
    case 'language':
      expect(told).toMatchObject({ tokens: kept.likelihood!.tokens, bytes: kept.likelihood!.bytes });
      return near(told['nats'], kept.likelihood!.nats);
    default:
      return kept satisfies never;
  }
}
