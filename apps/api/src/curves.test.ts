import { parse } from 'csv-parse/sync';
import type { ThinnedCurve } from '#contracts/tables.js';
import { ingestMetrics } from '#db/record-progress.js';
import { openApi, type OpenApi } from './fixtures/open-api.js';
import { takeTrial } from './fixtures/trial-ends.js';

const grid = `name: lengths
backbone: { name: minilm-l6 }
task: { name: wordnet-supersense }
method: { name: prompt-tuning }
grid: { method.length: [1, 5], seed: [1, 2] }
`;
let api: OpenApi;
let id: string;
const steps = 1000;
const lossAt = (step: number, trial: number) => trial + 1 / step;

beforeAll(async () => {
  api = await openApi();
  ({ id } = await api.client.submit(grid));
  for (const [i, { trialId }] of (await api.client.cells(id)).slice(0, 3).entries()) {
    const attemptId = await takeTrial(api.db, trialId);
    const loss = Array.from({ length: steps }, (_, s) => ({
      name: 'loss',
      split: 'train' as const,
      step: s + 1,
      value: lossAt(s + 1, i),
    }));
    await ingestMetrics(api.db, [
      { attemptId, metrics: [...loss, { name: 'accuracy', split: 'validation', step: 10, value: 0.5 }] },
    ]);
  }
}, 120_000);
afterAll(() => api?.close(), 60_000);

it.each([2, 7, 100, 999, 1000, 2000])(
  'have at most %d points, each as it was measured, with both ends',
  async (points) => {
    const { curves } = await api.client.curves(id, { points: String(points) });
    expect(curves.map((c) => [c.index, c.measured])).toEqual([0, 1, 2].map((i) => [i, steps]));
    for (const curve of curves) {
      expect(curve.steps).toHaveLength(Math.min(points, steps));
      expect([curve.steps[0], curve.steps.at(-1)]).toEqual([1, steps]);
      expect(curve.values).toEqual(curve.steps.map((step) => lossAt(step, curve.index)));
      const gaps = curve.steps.slice(1).map((step, i) => step - curve.steps[i]!);
      expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
    }
  },
);

it('come in pages, as lines and as CSV, of the cells that are asked for', async () => {
  const first = await api.client.curves(id, { limit: '2', points: '5' });
  const second = await api.client.curves(id, { limit: '2', points: '5', cursor: first.next! });
  expect([first.curves.length, second.curves.length, second.next]).toEqual([2, 1, null]);
  const all = [...first.curves, ...second.curves];
  const get = async (query: string) =>
    (await fetch(`${api.url}/api/experiments/${id}/curves?points=5&${query}`)).text();
  const lines = (await get('format=ndjson&limit=1'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ThinnedCurve);
  expect(lines).toEqual(all);
  const rows: Record<string, string>[] = parse(await get('format=csv'), { columns: true });
  expect(rows.map((r) => [r['trial'], Number(r['step']), Number(r['value'])])).toEqual(
    all.flatMap((c) => c.steps.map((step, i) => [c.trialId, step, c.values[i]])),
  );
  const { curves } = await api.client.curves(id, { where: 'method.length:5' });
  expect(curves.map((c) => c.point['method.length'])).toEqual([5]);
});

it('of a metric that no trial has are refused with those that there are', async () => {
  const message = expect.stringContaining(
    'no trial has measured "los" of train; there are loss of train, accuracy of validation',
  ) as string;
  await expect(api.client.curves(id, { metric: 'los' })).rejects.toMatchObject({ status: 400, message });
  const fresh = await api.client.submit(grid.replace('[1, 2]', '[7]'));
  expect((await api.client.curves(fresh.id, { metric: 'los' })).curves).toEqual([]); // it may still come
});
