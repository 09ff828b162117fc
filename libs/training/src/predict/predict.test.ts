import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { Kind } from '#contracts/kind.js';
import { Task } from '#contracts/task.js';
import { startEngine } from '#engine/native/start.js';
import { loadAdapter } from '#methods/files/adapter-files.js';
import { fixtureFolder } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import { type AskedText, exampleOf } from './asked-text.js';
import { predict } from './predict.js';
import type { Prediction } from './prediction.js';

interface Case {
  adapter: string;
  family: string;
  labels?: string[];
  maxTokens?: number;
  logits?: number[][];
  texts?: string[];
}
const fixture = JSON.parse(readFileSync(join(__dirname, 'fixtures/predict.json'), 'utf8')) as {
  texts: string[];
  cases: Case[];
};
const adapters = join(__dirname, '..', '..', '..', 'methods', 'src', 'fixtures');

beforeAll(async () => {
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
});

function taskOf({ adapter, maxTokens }: Case): Task {
  const common = { name: 'file', path: 'none', input: '{text}', maxLength: 12 };
  if (maxTokens) return Task.parse({ ...common, kind: 'text', references: 't', answer: { maxTokens } });
  const answer = adapter.startsWith('peft-texts') ? { by: 'head' } : {};
  return Task.parse({ ...common, kind: 'class', label: 'y', answer });
}

it.each(fixture.cases)('of $adapter are what peft says', async (own) => {
  const model = await loadModel(fixtureFolder(own.family));
  const loaded = loadAdapter(join(adapters, own.adapter), model);
  const adapter = { ...loaded, ...(own.labels && { labels: { words: own.labels } }) };
  const said: Prediction[] = [];
  const texts = fixture.texts.map((input): AskedText => ({ input }));
  for await (const one of predict(model, { task: taskOf(own), adapter }, texts)) said.push(one);
  if (own.texts) expect(said.map(({ text }) => text)).toEqual(own.texts);
  else
    for (const [i, { logits, probabilities }] of said.entries()) {
      (logits as number[]).forEach((x, c) => expect(Math.abs(x - own.logits![i]![c]!)).toBeLessThan(1e-5));
      expect((probabilities as number[]).reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    }
  tf.dispose(loaded.parameters);
  model.dispose();
});

it('chooses among beams as the task does, by what is read', async () => {
  const own = fixture.cases.find(({ texts }) => texts)!;
  const model = await loadModel(fixtureFolder(own.family));
  const adapter = loadAdapter(join(adapters, own.adapter), model);
  const answer = { beams: 2, maxTokens: own.maxTokens };
  const task = Task.parse({ name: 'e2e', path: 'a.csv', maxLength: 12, rerank: 'slotErrors', answer });
  const first = async (input: string) => (await predict(model, { task, adapter }, [{ input }]).next()).value;
  expect(await first('name : Aromi | Type : pub')).toHaveProperty('text');
  await expect(first('Aromi')).rejects.toThrow('"Aromi" is no slot');
  tf.dispose(adapter.parameters);
  model.dispose();
});

it.each<[Kind, AskedText, string]>([
  ['class', {}, 'there is no "input"'],
  ['class', { input: 'a', words: ['a'] }, 'words are given, and answers are of kind class'],
  ['choice', { input: 'a' }, 'there are no "choices"'],
  ['span', { input: 'a' }, 'expected a question and a context'],
  ['cloze', { input: 'a' }, 'has not one {mask}'],
  ['tags', { input: '  ' }, 'there are no words'],
])('a text of kind %s that lacks something is refused: %j', (kind, text, message) => {
  expect(() => exampleOf(kind, text, 0)).toThrow(message);
});
