import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { countOf } from '#methods/members/shapes.js';
import { methodOf } from '#methods/table.js';
import type { Model } from '#models/model.js';
import { backbonePlan } from './method-backbone.js';
import { methodFlops } from './method-flops.js';
import {
  type BenchFamily,
  type BenchMethod,
  type FamilyShape,
  labelWords,
  type MethodRow,
  methodRows,
} from './method-shapes.js';
import { methodsArguments } from './methods-arguments.js';
import { gangResults, whereItPays } from './methods-gangs.js';
import { type Ours, type Peer, type ResultRow, resultRows } from './methods-row.js';

describe('what is trained', () => {
  const peers = JSON.parse(readFileSync(join(__dirname, 'peers', 'methods_counts.json'), 'utf8')) as Record<
    string,
    number
  >;
  // transformers keeps BART's final_logits_bias as a buffer; here it is a weight like the others.
  const extra: Record<string, number> = { 'bart/full': 8192 };
  const withPeer = methodRows().filter((row) => row.peer);

  it.each(withPeer.map((row) => [`${row.family}/${row.method}`, row] as const))(
    "%s: as many parameters as the peer's",
    (name, row) => {
      expect(ourCount(row)).toBe(peers[name]! + (extra[name] ?? 0));
    },
  );

  it('has been counted for no other row', () => {
    expect(Object.keys(peers).toSorted()).toEqual(withPeer.map((r) => `${r.family}/${r.method}`).toSorted());
  });
});

/** By formula: backbones are too large for a test. */
function ourCount({ config, shape }: MethodRow): number {
  const plan = backbonePlan(shape);
  const model = { dModel: shape.dModel, modules: plan.modules, shapes: plan.shapes } as unknown as Model;
  return countOf(methodOf(config).shapes(config, model, { words: labelWords(shape) }));
}

describe('operations of a step, counted by hand', () => {
  const tiny = (family: BenchFamily): FamilyShape => ({
    family,
    vocabulary: 50,
    dModel: 8,
    dHead: 4,
    heads: 2,
    keyValueHeads: family === 'llama' ? 1 : 2,
    layers: 1,
    dFf: 16,
    positions: 0,
    batch: 1,
    source: 10,
    target: 2,
    classes: 2,
  });
  // Multiply-adds of the forward pass, for 10 tokens of text: a square map 640, feed-forward maps 1280 each,
  // scores 800.
  const square = 10 * 8 * 8;
  const wide = 10 * 8 * 16;
  const scores = 10 * 10 * 8;
  const head = 2 * 8 * 50;
  const cases: [BenchFamily, BenchMethod, number][] = [
    // everything once more for weights and for activations
    ['bert', 'full', 3 * (4 * square + 2 * scores + 2 * wide)],
    ['bert', 'head', 4 * square + 2 * scores + 2 * wide + 2 * (8 * 2)], // the backbone forward only
    // Nothing below the first query is trained: of the maps that read the text no gradient is asked, keys
    // need none.
    ['bert', 'lora', lora(3 * square + scores * (1 + 1) + scores * (1 + 2) + 2 * (square + 2 * wide))],
    ['bert', 'bitfit', 2 * (4 * square + 2 * wide) + 2 * 3 * scores], // the embeddings' LayerNorm has a bias
    // keys and values
    ['bert', 'ia3', 3 * square + scores * (1 + 1) + scores * (1 + 2) + 2 * (square + 2 * wide)],
    // A decoder reads the first of two answer tokens too, behind the text: 11 tokens, 10 x 10 + 11 pairs.
    ['gpt2', 'full', 3 * (1.1 * (4 * square + 2 * wide) + 2 * 111 * 8 + head)],
    ['gpt2', 'head', 4 * square + 2 * scores + 2 * wide + 2 * (8 * 2)],
    ['gpt2', 'prefix', prefixed(1.1 * (3 * square + 2 * (square + 2 * wide)) + 2 * head)],
    // one key-value head; gated
    ['llama', 'full', 3 * (1.1 * (2 * square + 2 * (square / 2) + 3 * wide) + 2 * 111 * 8 + head)],
    ['t5', 'head', 4 * square + 2 * scores + 3 * wide + 2 * (8 * 2)], // the encoder alone
  ];

  /** Queries and values: A reads the text, of which no gradient is asked; B reads A's 8 numbers. */
  function lora(rest: number): number {
    return rest + 2 * (2 * (10 * 8 * 8) + 3 * (10 * 8 * 8));
  }

  /** 20 more keys and values; own keys and values need no gradient of the text, but of the prefix within the
   *  same product. */
  function prefixed(rest: number): number {
    const each = (111 + 11 * 20) * 8;
    return rest + each * (1 + 1) + each * (1 + 2);
  }

  it.each(cases)('%s %s', (family, method, multiplyAdds) => {
    expect(methodFlops(tiny(family), method)).toBeCloseTo(2 * multiplyAdds, 6);
  });

  it('asks no gradient of an encoder below a prefix of the decoder', () => {
    const shape = tiny('bart');
    const encoder = 4 * square + 2 * scores + 2 * wide;
    const [few, fewWide] = [2 * 8 * 8, 2 * 8 * 16]; // two tokens of answer
    const self = 3 * few + 2 * 22 * 8 * (1 + 1) + 2 * 22 * 8 * (1 + 2) + 2 * few;
    // keys and values of the encoder: forward only
    const cross = 2 * few + 2 * square + 2 * 10 * 8 * (1 + 1) * 2 + 2 * few;
    expect(methodFlops(shape, 'prefix')).toBe(2 * (encoder + self + cross + 2 * 2 * fewWide + 2 * head));
  });
});

describe('arguments', () => {
  const rowsOf = (only: string) =>
    methodsArguments(['--only', only]).rows.map((r) => `${r.family}/${r.method}`);

  it('choose rows by family, by method or both', () => {
    expect(rowsOf('t5/lora,bert/lora')).toEqual(['t5/lora', 'bert/lora']);
    expect(rowsOf('/bitfit')).toEqual(['gpt2/bitfit', 'bert/bitfit', 'bart/bitfit']);
    expect(new Set(rowsOf('llama').map((r) => r.split('/')[0]))).toEqual(new Set(['llama']));
    expect(methodsArguments([]).rows).toHaveLength(methodRows().length);
  });

  it('name gangs, one alone among them', () => {
    const { gang, rows } = methodsArguments(['--gang', '8,2', '--only', 't5-nano']);
    expect(gang).toEqual([1, 2, 8]);
    expect(rows.map((r) => `${r.family}/${r.method}`)).toEqual(['t5-nano/prompt', 't5-nano/lora']);
  });

  it.each([
    [
      ['--only', 't6'],
      '--only names "t6", expected FAMILY, FAMILY/METHOD or /METHOD with a family of t5, gpt2, bert, llama, bart and',
    ],
    [['--only', 't5/bitfit'], '--only names "t5/bitfit"'],
    [['--only', 't5/lora/x'], '--only names "t5/lora/x"'],
    [['--repeats', '0'], '--repeats is "0", expected a whole number from 1 to 10000'],
    [['--steps', 'many'], '--steps is "many", expected'],
    [['--gang', '1,0'], '--gang is "0", expected'],
    [['--gang', ''], '--gang is "", expected'],
    [['--precision', 'half'], '--precision is "half", expected float32 or bfloat16'],
    [['--fast'], "Unknown option '--fast'"],
    [['lora'], "Unexpected argument 'lora'"],
  ])('%j is refused', (args, message) => {
    expect(() => methodsArguments(args)).toThrow(message);
  });
});

describe('results', () => {
  const row = methodRows().find((r) => r.family === 'bert' && r.method === 'lora')!;
  const ours = (ms: number[]): Ours => ({
    ms,
    firstLoss: 2,
    firstMs: 900,
    lossGap: 1e-7,
    peakBytes: 2 ** 30,
    peakGflops: 100,
    trainable: 73_728,
  });
  const peer = { ms: [30, 20], peer: 'torch', peakBytes: 2 ** 31, trainable: 73_728 };

  it('quote medians and minima over all repeats', () => {
    const theirs = [peer, { ...peer, ms: [40, 30] }];
    const slow = { ...ours([14]), peakGflops: 50 }; // of a slow minute
    const measured = { row, ours: [ours([10, 12]), ours([14, 16])], theirs, unsupported: '' };
    const [summed, other] = resultRows([measured, { ...measured, ours: [slow] }]) as [ResultRow, ResultRow];
    expect(summed).toMatchObject({
      ours_ms: 13,
      ours_min_ms: 10,
      peer_ms: 30,
      peer_min_ms: 20,
      speedup: 2.31,
      speedup_min: 2,
    });
    expect(summed).toMatchObject({
      ours_peak_mb: 1024,
      peer_peak_mb: 2048,
      first_ms: 900,
      loss_gap: 1e-7,
      remark: '',
    });
    expect(summed.peak_share).toBeCloseTo(methodFlops(row.shape, 'lora') / 0.013 / 100e9, 3);
    expect(other.peak_share).toBeCloseTo(methodFlops(row.shape, 'lora') / 0.014 / 100e9, 3);
  });

  it('say why there is no peer, and where it trains something else', () => {
    const result = (theirs: Peer[], unsupported: string) =>
      resultRows([{ row, ours: [ours([10])], theirs, unsupported }])[0]!;
    expect(result([], 'peft ignores it')).toMatchObject({
      peer: null,
      speedup: null,
      remark: 'no peer: peft ignores it',
    });
    expect(result([{ ...peer, trainable: 5 }], '').remark).toBe('the peer trains 5 parameters, ours 73728');
  });

  it('say from which size on a gang pays', () => {
    expect(whereItPays([1, 2, 4, 8], [1, 0.9, 1.2, 1.5])).toBe('pays from 4 members on; best 1.50x, at 8');
    expect(whereItPays([1, 2, 4], [1, 1.3, 1.01])).toBe('no gang pays, as far as was measured');
    const rows = gangResults(row, [1, 4], [ours([10, 10]), ours([20, 24])]);
    expect(rows.map((r) => [r.members, r.ms_per_member, r.speedup])).toEqual([
      [1, 10, 1],
      [4, 5.5, 1.82],
    ]);
  });
});
