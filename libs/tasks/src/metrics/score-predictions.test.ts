import type { Prediction, PredictionsHead } from '#contracts/predictions.js';
import { matthews } from './classification.js';
import { Kind } from '#contracts/kind.js';
import { metricNames, metricsOfKind } from './metrics-of-kind.js';
import { scorePredictions } from './score-predictions.js';

const head: PredictionsHead = { task: 'reviews', kind: 'class', labels: ['bad', 'good'], hash: '' };
const labels = [0, 1, 1, 0, 1, 0];
const said = [0, 1, 0, 0, null, 1];
const of = (split: 'validation' | 'test', change: object = {}): Prediction[] =>
  labels.map((label, i) => ({
    kind: 'class',
    split,
    id: String(i),
    input: ['x'],
    answer: { label },
    said: { label: said[i]! },
    ...change,
  }));

async function* each(predictions: readonly Prediction[]) {
  yield* predictions;
}

const score = (name: string, predictions: Prediction[], own = head, split: 'validation' | 'test' = 'test') =>
  scorePredictions({ head: own, predictions: each(predictions) }, { name, split });

const tagged = (tags: number[], own: (number | null)[]): Prediction => ({
  kind: 'tags',
  split: 'test',
  id: '',
  input: [''],
  answer: { before: [], words: tags.map(() => 'w'), tags, lost: 1 },
  said: { tags: own },
});

describe('a metric of kept predictions', () => {
  it('is of its split alone, and counts what is no label as wrong', async () => {
    const file = [...of('validation', { said: { label: 1 } }), ...of('test')];
    expect(await score('accuracy', file)).toBe(0.5);
    expect(await score('accuracy', file, head, 'validation')).toBe(0.5);
    expect(await score('matthews', file, head, 'validation')).toBe(0);
    expect(await score('matthews', file)).toBe(
      matthews(
        labels,
        said.map((s) => s ?? -1),
      ),
    );
  });

  it('is of groups, spans and words where there are some', async () => {
    const grouped = of('test').map((p, i) => ({ ...p, group: String(i >> 1) }));
    expect(await score('exactMatch', grouped)).toBeCloseTo(1 / 3, 12);
    const spans: PredictionsHead = { ...head, kind: 'tags', labels: ['O', 'B-x', 'I-x'] };
    const file = [tagged([1, 2, 0], [1, 2, null]), tagged([0, 1], [1, 1])];
    expect(await score('recall', file, spans)).toBe(0.5); // of four spans, two of which no tag can say
    expect(await score('tokenAccuracy', file, spans)).toBe(0.6);
    expect(await score('accuracy', file, { ...spans, labels: ['NOUN', 'VERB', 'ADJ'] })).toBe(0.6);
  });

  it.each<[string, Prediction[], Partial<PredictionsHead>, RegExp]>([
    ['recall', of('test'), {}, /^reviews has answers of kind class and no recall; there are accuracy, f1, /],
    ['matthews', [], { kind: 'tags' }, /kind tags and no matthews/],
    ['f1', [], { kind: 'tags', labels: ['NOUN', 'O'] }, /no f1; there are accuracy, loss$/],
    ['exactMatch', of('test'), {}, /example "0" is in none/],
    ['matthews', of('test', { part: 1 }), {}, /mixes tasks/],
    ['accuracy', of('validation'), {}, /the test split has no prediction/],
  ])('says why %s cannot be', async (name, file, change, message) => {
    await expect(score(name, file, { ...head, ...change })).rejects.toThrow(message);
  });
});

it('the metrics of a kind are called what they are found by', () => {
  for (const kind of ['class', 'tags'] as const) {
    for (const own of [['O', 'B-x'], ['NOUN']])
      for (const [name, metric] of metricsOfKind(kind, own)) expect(metric.name).toBe(name);
  }
  const had = Kind.options.flatMap((kind) =>
    [[], ['O', 'B-x'], ['NOUN']].flatMap((own) => [...metricsOfKind(kind, own).keys()]),
  );
  expect(new Set(metricNames)).toEqual(new Set(had));
});
