import { createHash } from 'node:crypto';
import type { Input } from '#contracts/input.js';
import { inputsOf } from '#contracts/inputs-of.js';
import { expandingCells, planning } from './expand.js';
import { parseGridFile } from './parse-grid-file.js';
import type { Plan } from './planned.js';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const data = (path: string, content: string): Input => {
  const name = path.split('/').at(-1)!;
  return { path, kind: 'data', files: [{ path: name, hash: hash(content), bytes: content.length }] };
};
const folder = (path: string, kind: Input['kind'], files: Record<string, string>): Input => ({
  path,
  kind,
  files: Object.entries(files).map(([name, content]) => ({
    path: name,
    hash: hash(content),
    bytes: content.length,
  })),
});

function run<R>(work: Generator<void, R>): R {
  for (;;) {
    const piece = work.next();
    if (piece.done) return piece.value;
  }
}

const planOf = (text: string, inputs: Input[]): Plan =>
  run(planning(run(expandingCells(parseGridFile(text))), inputs));

const onFile = (paths: string, more = '') => `
name: g
backbone: { name: minilm-l6 }
task: { name: file, path: /a.csv, input: '{text}', label: mood }
method: { name: head }
grid: { task.path: [${paths}] }
${more}`;

describe('a trial on files', () => {
  it('is one where two paths hold the same', () => {
    const { cells, trials } = planOf(onFile('/a.csv, /b/c.csv'), [
      data('/a.csv', 'x'),
      data('/b/c.csv', 'x'),
    ]);
    expect(cells).toHaveLength(2);
    expect(trials).toHaveLength(1);
    expect(cells.map((c) => c.point['task.path'])).toEqual(['/a.csv', '/b/c.csv']); // for people
  });

  it('is another where one path holds something else', () => {
    const keys = ['x', 'y'].map(
      (content) => planOf(onFile('/a.csv'), [data('/a.csv', content)]).trials[0]!.key,
    );
    expect(new Set(keys).size).toBe(2);
  });

  it('is another where the same bytes are read as another format', () => {
    const { trials } = planOf(onFile('/a.csv, /a.tsv'), [data('/a.csv', 'x'), data('/a.tsv', 'x')]);
    expect(trials).toHaveLength(2);
  });

  it('shares a gang with another of other seed, and never with one of other content', () => {
    const seeds = planOf(
      onFile('/a.csv', '').replace('head', 'prompt-tuning').replace('grid: {', 'grid: { seed: [1, 2],'),
      [data('/a.csv', 'x')],
    );
    expect(new Set(seeds.trials.map((t) => t.gangKey)).size).toBe(1);
    const contents = ['x', 'y'].flatMap(
      (c) => planOf(onFile('/a.csv').replace('head', 'prompt-tuning'), [data('/a.csv', c)]).trials,
    );
    expect(new Set(contents.map((t) => t.gangKey)).size).toBe(2);
  });

  it('keeps what it reads, with its path', () => {
    const [trial] = planOf(onFile('/a.csv'), [data('/a.csv', 'x')]).trials;
    expect(trial!.inputs).toEqual([
      {
        path: '/a.csv',
        kind: 'data',
        hash: hash('x'),
        bytes: 1,
        files: [{ path: 'a.csv', hash: hash('x'), bytes: 1 }],
        origin: 'client',
        place: 'store',
      },
    ]);
  });
});

describe('a trial on folders', () => {
  const text = (backbone: string) => `
name: g
backbone: { folder: ${backbone} }
task: { name: superglue, dataset: rte, path: /glue }
method: { name: head }`;
  const glue = folder('/glue', 'data-folder', {
    'boolq/dev32.jsonl': '1', 'boolq/train.jsonl': '2', 'boolq/val.jsonl': '3', 'rte/dev32.jsonl': '4', 'rte/train.jsonl': '5', 'rte/val.jsonl': '6',
  }); // prettier-ignore
  const model = (path: string, weights: string) =>
    folder(path, 'model', { 'config.json': '{}', 'model.safetensors': weights });

  it('is known by the files that it reads, and by no others', () => {
    const other = {
      ...glue,
      files: glue.files.map((f) => (f.path.startsWith('boolq') ? { ...f, hash: hash('other') } : f)),
    };
    const own = {
      ...glue,
      files: glue.files.map((f) => (f.path === 'rte/val.jsonl' ? { ...f, hash: hash('other') } : f)),
    };
    const [first, same, changed] = [glue, other, own].map(
      (g) => planOf(text('/m'), [g, model('/m', 'w')]).trials[0]!,
    );
    expect(same!.key).toBe(first!.key);
    expect(changed!.key).not.toBe(first!.key);
    expect(first!.inputs.find((i) => i.kind === 'data-folder')!.files.map((f) => f.path)).toEqual([
      'rte/dev32.jsonl', 'rte/train.jsonl', 'rte/val.jsonl',
    ]); // prettier-ignore
  });

  it('is known by its weights, wherever they lie, and keeps a backbone in memory by them', () => {
    const [here, there, changed] = (
      [
        ['/m', 'w'],
        ['/n', 'w'],
        ['/m', 'v'],
      ] as const
    ).map(([path, weights]) => planOf(text(path), [glue, model(path, weights)]).trials[0]!);
    expect([there!.key, there!.backboneKey]).toEqual([here!.key, here!.backboneKey]);
    expect([changed!.key === here!.key, changed!.backboneKey === here!.backboneKey]).toEqual([false, false]);
  });

  it('goes on from one adaptation where corpora hold the same, at two step counts', () => {
    const adapted = (path: string, steps: number) => `
name: g${steps}
backbone: { name: t5-nano, adapt: { steps: ${steps}, corpus: { sources: [{ path: ${path} }] } } }
task: { name: wordnet-supersense }
method: { name: prompt-tuning }`;
    const corpus = (path: string, content: string): Input => ({ ...data(path, content), kind: 'text' });
    const grids = `${adapted('/a.txt', 10)}\n---\n${adapted('/b.txt', 20)}`;
    const same = planOf(grids, [corpus('/a.txt', 'x'), corpus('/b.txt', 'x')]);
    expect(same.trials.filter((t) => t.config.stage === 'adapt').map((t) => t.config)).toMatchObject([
      { checkpoints: [10, 20] },
    ]);
    const apart = planOf(grids, [corpus('/a.txt', 'x'), corpus('/b.txt', 'y')]);
    expect(apart.trials.filter((t) => t.config.stage === 'adapt')).toHaveLength(2);
  });
});

it('names every file and folder of a config by knob', () => {
  const { cells } = planOf(
    `
name: g
backbone: { pretrain: { size: { family: t5, dModel: 16, dKv: 8, dFf: 32, layers: 1, heads: 2 }, tokenizer: ./tok, steps: 1, corpus: { sources: [sotu, { path: p.txt }] } }, adapt: { steps: 5, corpus: { sources: [{ path: a.txt }] } } }
task: { name: mixture, tasks: { b: { name: file, path: b.csv, testPath: bt.csv, input: '{x}', label: y }, a: { name: superglue, dataset: rte, path: glue } } }
from: { task: { name: file, path: f.csv, input: '{x}', label: y } }
method: { name: prompt-tuning }`,
    [],
  );
  expect(inputsOf(cells[0]!.config).map(({ knob, path, kind }) => [knob, path, kind])).toEqual([
    ['task.tasks.a.path', 'glue', 'data-folder'],
    ['task.tasks.b.path', 'b.csv', 'data'],
    ['task.tasks.b.testPath', 'bt.csv', 'data'],
    ['from.task.path', 'f.csv', 'data'],
    ['backbone.pretrain.corpus.sources[1].path', 'p.txt', 'text'],
    ['backbone.pretrain.tokenizer', './tok', 'tokenizer'],
    ['backbone.adapt.corpus.sources[0].path', 'a.txt', 'text'],
  ]);
});
