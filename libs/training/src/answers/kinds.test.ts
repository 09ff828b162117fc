import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { Kind } from '#contracts/kind.js';
import { Task } from '#contracts/task.js';
import { startEngine } from '#engine/native/start.js';
import { classify } from '#methods/heads/classifier.js';
import { tokenForm } from '#methods/heads/form.js';
import { fixtureFolder, gap } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { loadTokenizer } from '#models/tokenizer-json.js';
import { inputReader } from '../rows/input-reader.js';
import type { Answering, AnswerSpace } from './answering.js';
import type { SpanRow } from './span.js';
import { answeringOf } from './table.js';

interface Row {
  nats: number;
  tokens: number;
}

interface Fixture {
  templates: Record<string, object>;
  pairs: Record<string, { first: string; second: string; length: number; ids: number[]; types: number[] }[]>;
  placed: Record<string, { text: string; ids: number[]; places: [number, number][] }[]>;
  byteLevel: object;
  texts: [string, string][];
  written: Record<string, Row[]>;
  languageTexts: string[];
  window: number;
  language: Record<string, Row[]>;
  spans: Record<string, { weight: number[][]; bias: number[]; rows: SpanCase[] }>;
}

interface SpanCase {
  question: string;
  context: string;
  from: number;
  to: number;
  start: number;
  end: number;
  starts: number[];
  ends: number[];
}

const fixture = JSON.parse(readFileSync(join(__dirname, '../fixtures/kinds.json'), 'utf8')) as Fixture;
const folder = mkdtempSync(join(tmpdir(), 'kinds-'));
const space = <K extends Kind>(kind: K): AnswerSpace<K> => ({
  kind,
  labels: [],
  labelWords: [],
  train: [],
  validation: [],
  test: [],
});

beforeAll(async () => {
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The fixture's model with the template of its family's published tokenizers. */
function withPairs(name: string): string {
  const into = join(folder, name);
  cpSync(fixtureFolder(name), into, { recursive: true });
  const path = join(into, 'tokenizer.json');
  const json = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...json, post_processor: fixture.templates[name] }));
  return into;
}

/** The answering of a kind, and -log p of each example's rows. */
function likelihoods(model: Model, answers: Answering, examples: Parameters<Answering['rows']>[0][]) {
  return examples.map((example) => {
    const rows = answers.rows(example);
    const scores = tf.tidy(() => {
      const batch = answers.tensors(rows);
      return answers.outputs({ weights: model.weights, adaptation: {}, batch, constants: {} }).arraySync();
    });
    return answers.likelihood!(
      scores.map((own) => Float32Array.from(own)),
      { example, rows },
    );
  });
}

it.each(['bert', 'roberta', 'mpnet'])('joins pairs for %s as transformers does', async (name) => {
  const model = await loadModel(withPairs(name));
  const reader = inputReader(model);
  for (const { first, second, length, ids, types } of fixture.pairs[name]!) {
    const row = reader.read([first, second], length);
    expect(row.ids).toEqual(ids);
    expect(row.types ?? ids.map(() => 0)).toEqual(types);
  }
  model.dispose();
});

it.each(['bert', 'gpt2', 'byte-level'])('knows where the tokens of %s stand in a text', (name) => {
  const own = join(folder, 'byte-level');
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'tokenizer.json'), JSON.stringify(fixture.byteLevel));
  const tokenizer = loadTokenizer(name === 'byte-level' ? own : fixtureFolder(name));
  for (const { text, ids, places } of fixture.placed[name]!) {
    const found = tokenizer.encodePlaced(text);
    expect(found.ids).toEqual(ids);
    const said = found.from.map((from, i) => text.slice(from, found.to[i]).trim());
    expect(said).toEqual(places.map(([from, to]) => text.slice(from, to).trim()));
  }
});

it.each(Object.keys(fixture.written))("has transformers' loss of a written text on %s", async (name) => {
  const model = await loadModel(fixtureFolder(name));
  const task = Task.parse({
    name: 'file',
    kind: 'text',
    path: 'x',
    input: '{a}',
    references: 'b',
    answer: { maxTokens: 8 },
  });
  const answers = answeringOf(model, { task }, space('text'));
  const examples = fixture.texts.map(([text, target], i) => ({
    id: `${i}`,
    input: [text],
    answer: { references: [target] },
  }));
  const found = likelihoods(model, answers, examples);
  expect(found.map(({ tokens }) => tokens)).toEqual(fixture.written[name]!.map(({ tokens }) => tokens));
  expect(
    gap(
      tf.tensor1d(found.map((own) => own.nats)),
      fixture.written[name]!.map((own) => own.nats),
    ),
  ).toBeLessThan(1e-3);
  expect(found.map(({ bytes }) => bytes)).toEqual(fixture.texts.map(([, target]) => target.length));
  model.dispose();
});

it("has transformers' likelihood of language, in rolling windows", async () => {
  const model = await loadModel(fixtureFolder('gpt2'));
  const { window, languageTexts, language } = fixture;
  const task = Task.parse({ name: 'file', kind: 'language', path: 'x', maxLength: window });
  const answers = answeringOf(model, { task }, space('language'));
  const examples = languageTexts.map((text, i) => ({ id: `${i}`, input: [text], answer: {} }));
  const found = likelihoods(model, answers, examples);
  expect(found.map(({ tokens }) => tokens)).toEqual(language['gpt2']!.map(({ tokens }) => tokens));
  expect(
    gap(
      tf.tensor1d(found.map((own) => own.nats)),
      language['gpt2']!.map((own) => own.nats),
    ),
  ).toBeLessThan(1e-3);
  model.dispose();
});

it.each(['bert', 'roberta', 'mpnet'])("has transformers' scores of spans on %s", async (name) => {
  const model = await loadModel(withPairs(name));
  const { weight, bias, rows } = fixture.spans[name]!;
  const task = Task.parse({ name: 'file', kind: 'span', path: 'x', maxLength: 12 });
  const answers = answeringOf(model, { task }, space('span')) as Answering<'span', SpanRow>;
  const parameters = {
    'classifier.weight': tf.tidy(() => tf.expandDims(tf.transpose(tf.tensor2d(weight)), 0)),
    'classifier.bias': tf.tensor2d([bias]),
  };
  for (const { question, context, from, to, start, end, starts, ends } of rows) {
    const example = { id: 'x', input: [question, context], answer: { answers: [{ from, to }] } };
    const own = answers.rows(example);
    expect(own).toHaveLength(1);
    expect([own[0]!.start, own[0]!.end]).toEqual([start, end]);
    tf.tidy(() => {
      const adaptation = { head: classify(tokenForm(model), parameters) };
      const pass = { weights: model.weights, adaptation, batch: answers.tensors(own), constants: {} };
      const [scores] = answers.outputs(pass).arraySync();
      const open = starts.map((_, i) => i).filter((i) => i === 0 || scores![i]! > -1e8);
      const half = scores!.length / 2;
      expect(
        gap(
          tf.tensor1d(open.map((i) => scores![i]!)),
          open.map((i) => starts[i]!),
        ),
      ).toBeLessThan(1e-3);
      expect(
        gap(
          tf.tensor1d(open.map((i) => scores![half + i]!)),
          open.map((i) => ends[i]!),
        ),
      ).toBeLessThan(1e-3);
      const best = open.slice(1).flatMap((i) =>
        open
          .slice(1)
          .filter((j) => j >= i)
          .map((j) => ({ i, j, score: starts[i]! + ends[j]! })),
      );
      const { score } = best.reduce((a, b) => (b.score > a.score ? b : a));
      const said = answers.said([{ scores: Float32Array.from(scores!) }], { example, rows: own });
      expect(said.score).toBeCloseTo(score - starts[0]! - ends[0]!, 3);
      expect(context).toContain(said.text);
    });
  }
  model.dispose();
});
