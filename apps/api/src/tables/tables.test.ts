import { parse } from 'csv-parse/sync';
import { parquetReadObjects } from 'hyparquet';
import { formatTables, tableFormats, tableValue } from '#analysis/format-table.js';
import { type Asked, gridTables } from '#analysis/grid-tables.js';
import { joinedCells } from '#analysis/joined-cells.js';
import { scalings } from '#analysis/scaling.js';
import { ApiError } from '#contracts/client.js';
import type { CellView } from '#contracts/experiment.js';
import { openApi, type OpenApi } from '../fixtures/open-api.js';
import { diverge, succeed } from '../fixtures/trial-ends.js';

const lengths = `name: lengths
backbone: { name: minilm-l6 }
task: { name: wordnet-supersense }
method: { name: prompt-tuning }
grid: { method.length: [1, 5, 20], method.init: [random, vocabulary], seed: [1, 2, 3] }
baselines:
  - { method: { name: head } }
---
name: heads
backbone: { name: minilm-l6 }
task: { name: wordnet-supersense }
method: { name: head }
grid: { training.steps: [100, 300], seed: [1, 2] }
`;
let api: OpenApi;
let id: string;

beforeAll(async () => {
  api = await openApi();
  ({ id } = await api.client.submit(lengths));
}, 120_000);
afterAll(() => api?.close(), 60_000);

const get = (path: string) => fetch(`${api.url}/api/experiments/${id}/${path}`);
const told = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;
const here = async (asked: Asked = {}) => gridTables(await api.client.cells(id), asked);

async function refused(path: string): Promise<{ status: number; text: string }> {
  const response = await get(path);
  const problem = (await response.json()) as { title: string; issues: { path: string; message: string }[] };
  return {
    status: response.status,
    text: [problem.title, ...problem.issues.map((i) => `${i.path}: ${i.message}`)].join('\n'),
  };
}

it('is the table of analysis on the same cells, digit for digit, while trials end', async () => {
  const trials = [...new Set((await api.client.cells(id)).map((c) => c.trialId))];
  expect(await api.client.table(id)).toEqual(told((await here()).map(tableValue)));
  for (const [i, trialId] of trials.entries()) {
    if (i % 7 === 3) await diverge(api.db, trialId);
    else if (i % 11 !== 5) await succeed(api.db, trialId, 0.5 + ((i * 37) % 50) / 101, i % 5 ? 'CPU' : 'GPU');
    if (i % 4) continue;
    const tables = await here();
    expect(await api.client.table(id)).toEqual(told(tables.map(tableValue)));
    for (const format of tableFormats.filter((f) => f !== 'json'))
      expect(await (await get(`table?format=${format}`)).text()).toBe(`${formatTables(tables, format)}\n`);
  }
});

it('is laid out, of the metric and of the split that are asked for', async () => {
  const asked = {
    rows: ['method.init'],
    cols: ['method.length'],
    metric: 'loss',
    split: 'validation' as const,
  };
  const tables = await api.client.table(id, { ...asked, grid: 'lengths' });
  expect(tables).toEqual(told((await here({ ...asked, grids: ['lengths'] })).map(tableValue)));
  expect(tables[0]).toMatchObject({
    metric: 'validation.loss',
    rows: ['method.init'],
    cols: ['method.length'],
  });
});

it('holds the cells alone that fulfil every condition on their configs', async () => {
  const found = (where: string[]) => api.client.table(id, { where });
  const vocabulary = await found(['method.init:vocabulary', 'method.name:prompt-tuning']);
  const cells = await api.client.cells(id);
  const expected = cells.filter((c) => c.point['method.init'] === 'vocabulary');
  expect(vocabulary).toEqual(told(gridTables(expected, {}).map(tableValue)));
  expect((await found(['method:head', 'training.steps:300']))[0]).toMatchObject({ grid: 'heads', cells: 2 });
  expect((await found(['from:null'])).map((t) => t.cells)).toEqual([21, 4]);
});

it('stands beside other experiments’ with the experiment as an axis', async () => {
  const other = await api.client.submit(lengths.replace('[1, 2, 3]', '[1, 2, 9]'));
  const response = await fetch(`${api.url}/api/table?experiments=${id},${other.id}&grid=lengths`);
  const parts = await Promise.all(
    [id, other.id].map(async (one) => ({ id: one, name: 'lengths', cells: await api.client.cells(one) })),
  );
  const tables = gridTables(joinedCells(parts), { grids: ['lengths'] });
  expect(await response.json()).toEqual(told(tables.map(tableValue)));
  expect([...tables[0]!.table.rows, ...tables[0]!.table.cols]).toContain('experiment');
});

it('comes as lines and as Parquet with the columns of the CSV', async () => {
  const rows: Record<string, string>[] = parse(await (await get('table?format=csv')).text(), {
    columns: true,
  });
  const lines = (await (await get('table?format=ndjson')).text())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const file = await (await get('table?format=parquet')).arrayBuffer();
  const records = await parquetReadObjects({ file });
  expect(records).toEqual(lines);
  const asText = (record: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(record).map(([key, value]) => [key, value === null ? '' : String(value)]),
    );
  expect(lines.map(asText)).toEqual(rows);
  expect(typeof records.find((record) => record['mean'] !== null)!['mean']).toBe('number');
});

it('gives a metric against an axis of numbers, with what its points were measured on', async () => {
  const found = await api.client.scaling(id, { axis: 'method.length' });
  expect(found).toEqual(told(scalings(await api.client.cells(id), { axis: 'method.length' })));
  const [point] = found[0]!.lines[0]!.points;
  expect(point).toMatchObject({ x: 1, examples: [34], cells: 3 });
  const rows: Record<string, string>[] = parse(
    await (await get('scaling?axis=method.length&format=csv')).text(),
    {
      columns: true,
    },
  );
  expect(rows[0]).toMatchObject({ 'method.length': '1', mean: String(point!.mean), examples: '34' });
});

it.each([
  [
    'table?rows=method.lenght',
    'no axis "method.lenght"; lengths has seed, method.init, method.length; heads has seed, training.steps',
  ],
  [
    'table?metric=acuracy',
    'no metric "acuracy"; there are loss, accuracy, validation.loss, validation.accuracy, ',
  ],
  [
    'table?metric=validation.loss&split=test',
    'metric "validation.loss" is of validation, and test is asked for',
  ],
  ['table?grid=widths', 'no grid "widths"; there are lengths, heads'],
  [
    'table?where=method.name',
    'where.0: "method.name" is no condition; expected KNOB:VALUE, as in method.name:lora',
  ],
  ['table?where=metod.name:lora', 'where: no cell has the knob "metod.name"; there are '],
  ['table?where=method.name:lora', 'where: method.name is asked to be lora; it is head, prompt-tuning'],
  ['table?format=word', 'format: Invalid option: expected one of "json"|"ndjson"|"csv"'],
  ['table?colour=red', 'Unrecognized key: "colour"'],
  [
    'scaling?axis=method.init',
    'no axis of numbers "method.init"; lengths has method.length; heads has training.steps',
  ],
  ['cells?state=done', 'state.0: Invalid option: expected one of "blocked"|"ready"'],
  ['cells?limit=5000', 'limit: expected 1 to 1000'],
  ['curves?metric=loss&points=1', 'points: expected 2 to 2000'],
])('%s is refused with what there is', async (path, sentence) => {
  const { status, text } = await refused(path);
  expect(text).toContain(sentence);
  expect(status).toBe(400);
});

it('of an experiment that is not there is a 404', async () => {
  const gone = '00000000-0000-4000-8000-000000000000';
  for (const call of [
    api.client.table(gone),
    api.client.scaling(gone, { axis: 'x' }),
    api.client.curves(gone),
  ])
    await expect(call).rejects.toMatchObject({ status: 404, message: `there is no experiment ${gone}` });
  const joined = await fetch(`${api.url}/api/table?experiments=${id},${gone}`);
  expect(joined.status).toBe(404);
});

describe('pages of cells', () => {
  const byPages = async (asked: Parameters<OpenApi['client']['cells']>[1]) => {
    const cells: CellView[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await api.client.cellsPage(id, { ...asked, limit: '4', ...(cursor && { cursor }) });
      cells.push(...page.cells);
      if (page.next === null) return cells;
      cursor = page.next;
    }
  };

  it('hold every cell once, in the order of the file, with and without a filter', async () => {
    const all = await api.client.cells(id);
    expect(all.map((c) => `${c.grid} ${c.index}`)).toEqual([
      ...Array.from({ length: 21 }, (_, i) => `lengths ${i}`),
      ...Array.from({ length: 4 }, (_, i) => `heads ${i}`),
    ]);
    expect(await byPages({})).toEqual(all);
    expect(await byPages({ grid: 'heads' })).toEqual(all.filter((c) => c.grid === 'heads'));
    expect(await byPages({ state: ['failed', 'ready'] })).toEqual(
      all.filter((c) => c.state === 'failed' || c.state === 'ready'),
    );
    expect(await byPages({ where: 'method.length:5' })).toEqual(
      all.filter((c) => c.point['method.length'] === 5),
    );
    const lines = (await (await get('cells?format=ndjson&limit=3')).text()).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(all);
  });

  it('can be of those alone that have changed since', async () => {
    const { at, cells } = await api.client.cellsPage(id, { state: 'ready', limit: '1' });
    expect(await byPages({ since: String(at) })).toEqual([]);
    await diverge(api.db, cells[0]!.trialId);
    expect((await byPages({ since: String(at) })).map((c) => [c.trialId, c.state])).toEqual([
      [cells[0]!.trialId, 'failed'],
    ]);
  });
});

it('refuses what the client cannot read as it is promised', async () => {
  await expect(api.client.table(id, { metric: 'x' })).rejects.toBeInstanceOf(ApiError);
});
