import { cell } from './fixtures/cells.js';
import { formatTable } from './format-table.js';
import { learnedNothing } from './learned.js';
import { pivot } from './pivot.js';

const layout = { rows: ['lr'], cols: [], metric: 'accuracy' };
const seeds = (accuracies: number[], change: Parameters<typeof cell>[2] = {}, from = 0) =>
  accuracies.map((accuracy, i) => cell(from + i, { lr: from, seed: i + 1 }, { accuracy, ...change }));
const textOf = (cells: ReturnType<typeof seeds>, metric = 'accuracy') =>
  formatTable(pivot(cells, { ...layout, metric }), 'text');

describe('a trial that learned nothing', () => {
  it.each([
    [0.8, { majority: 0.5, 'zero-shot': 0.6 }, null],
    // equal to the untouched model, as LoRA that never moved
    [0.6, { majority: 0.5, 'zero-shot': 0.6 }, [['zero-shot', 0.6]]],
    [0.4, { 'majority': 0.5, 'zero-shot': 0.6 }, [['zero-shot', 0.6], ['majority', 0.5]]], // prettier-ignore
    [0.55, { majority: 0.5, 'zero-shot': 0.6 }, [['zero-shot', 0.6]]],
    [0.7, { majority: 0.5, 'naive-bayes': 0.9 }, null], // which is trained
    [0.5, { majority: 0.5 }, [['majority', 0.5]]],
    [0.1, {}, null],
  ])('at %d beside %j: %j', (accuracy, references, told) => {
    const named = told?.map((one) => [...one, 'accuracy']) ?? null;
    expect(learnedNothing(cell(0, {}, { accuracy, references }).summary!)).toEqual(named);
  });

  it('is told in the direction of its metric, and in its unit', () => {
    const bits = (own: number) => {
      const one = cell(0, { lr: 0, seed: 1 }, { references: { 'zero-shot': 3.056 } });
      return { ...one, summary: { ...one.summary!, reportBy: 'bitsPerByte', test: { bitsPerByte: own } } };
    };
    expect(learnedNothing(bits(2.742).summary)).toBeNull();
    expect(learnedNothing(bits(3.2).summary)).toEqual([['zero-shot', 3.056, 'bitsPerByte']]);
    const text = formatTable(pivot([bits(3.2)], { ...layout, metric: 'bitsPerByte' }), 'text');
    expect(text).toMatch(/† lr 0: 1 of 1 \(zero-shot 3\.056?\)/);
  });

  it('of a mixture is told by the mean over tasks, and of one of its tasks by its own', () => {
    const { summary } = cell(0, {}, { references: { majority: 0.5, 'a/majority': 0.4, 'b/majority': 0.6 } });
    const mixed = { ...summary!, test: { accuracy: 0.55, 'a/accuracy': 0.5, 'b/accuracy': 0.6 } };
    expect(learnedNothing(mixed)).toBeNull();
    expect(learnedNothing(mixed, 'b/accuracy')).toEqual([['majority', 0.6, 'b/accuracy']]);
    expect(learnedNothing(mixed, 'a/accuracy')).toBeNull();
    const apart = { ...mixed, references: { 'a/majority': 0.5, 'b/majority': 0.6 } };
    expect(learnedNothing(apart)).toHaveLength(2);
  });

  it('is marked in its mean, which it stays in, and named below', () => {
    const text = textOf([
      ...seeds([0.676, 0.676, 0.9], { references: { 'zero-shot': 0.676 } }),
      ...seeds([0.9, 0.91], {}, 10),
    ]);
    expect(text).toMatch(/^0 +75\.1 .* †$/m);
    expect(text).toMatch(/^10 +90\.5 ± \d+\.\d$/m);
    expect(text).toContain(
      '† learned nothing: no better on the test examples than a constant answer, or than the untouched backbone.',
    );
    expect(text).toContain('† lr 0: 2 of 3 (zero-shot 67.6)');
  });
});

describe('intervals', () => {
  it('never leave the possible range, and equal seeds do not look like certainty', () => {
    expect(textOf(seeds([0.62, 0.79]))).toMatch(/^0 +70\.5 \[0\.0, 100\.0\]$/m);
    expect(textOf(seeds([0.62, 0.79]))).toContain('[low, high]: an interval that is cut');
    expect(textOf(seeds([0.647, 0.647, 0.647]))).toMatch(/^0 +64\.7 \(3 equal\)$/m);
    expect(textOf(seeds([0.647, 0.647, 0.647]))).toContain('does not tell how sure it is');
    expect(textOf(seeds([0.9, 0.905]))).toMatch(/90\.\d ± 3\.2$/m);
  });

  it('are not given of counts, which keep every digit', () => {
    const text = textOf(seeds([0.8, 0.9]), 'totalParameters');
    expect(text).toMatch(/^0 +22,713,600$/m);
    expect(text).not.toContain('±');
  });
});

describe('mixed provenance', () => {
  it('is marked where a mean mixes it, with how many each', () => {
    const mixed = [
      ...seeds([0.8, 0.9]),
      ...seeds([0.85], { provenance: { device: 'NVIDIA H200', library: 'y' } }),
    ].map((c, i) => ({ ...c, trialId: `${i}`, id: `${i}` }));
    const text = textOf(mixed);
    expect(text).toMatch(/^0 +85\.0 ± .* ‡$/m);
    expect(text).toContain(
      '‡ lr 0: device: CPU (2 trials), NVIDIA H200 (1 trial); library: x (2 trials), y (1 trial)',
    );
    expect(text).not.toContain('ATTENTION');
  });

  it('of the table alone is said without marks', () => {
    const text = textOf([...seeds([0.8, 0.9]), ...seeds([0.8], { provenance: { code: '0.2.0' } }, 10)]);
    expect(text).not.toContain('‡');
    expect(text).toContain('the table mixes code version: 0.1.0 (2 trials), 0.2.0 (1 trial).');
  });

  it('says loudly where one task was read from different data, and only of one task', () => {
    const other = { provenance: { dataHash: 'e'.repeat(64) } };
    expect(textOf([...seeds([0.8, 0.9]), ...seeds([0.8], other, 10)])).toContain(
      'ATTENTION: one task was read from different data',
    );
    const byTask = [cell(0, { 'task.train': 5 }, {}), cell(1, { 'task.train': 9 }, other)];
    const text = formatTable(pivot(byTask, { rows: ['task.train'], cols: [], metric: 'accuracy' }), 'text');
    expect(text).not.toContain('ATTENTION');
  });
});

describe('references', () => {
  it('come in one order, whatever order they were stored in', () => {
    const stored = { 'naive-bayes': 0.7, 'zero-shot': 0.6, majority: 0.5 };
    const { references } = pivot(seeds([0.8], { references: stored }), layout);
    expect(references.map((r) => r.name)).toEqual(['majority', 'zero-shot', 'naive-bayes']);
  });

  it('and reasons that steer a terminal are made visible', () => {
    const cells = [cell(0, { lr: 'a\u001B[2J\nb', seed: 1 }, { state: 'failed', why: 'x\u009B1m\ny' })];
    const text = formatTable(pivot(cells, layout), 'text');
    expect(text).toContain('a\\u001b[2J\\nb');
    expect(text).toContain('x\\u009b1m\\ny');
  });
});

describe('the number of examples', () => {
  const sized = (cells: ReturnType<typeof seeds>, test: number) =>
    cells.map((c) => ({ ...c, summary: { ...c.summary!, sizes: { train: 80, validation: 6, test } } }));

  it('stands below the table, of the split that the metric is of', () => {
    const cells = sized(seeds([0.6, 0.7]), 34);
    expect(textOf(cells)).toContain('n test = 34 examples.');
    expect(textOf(cells, 'stepMs')).not.toContain('examples.');
    expect(textOf([...cells, ...sized(seeds([0.6, 0.7], {}, 10), 28)])).toContain(
      'n test = 28 or n test = 34 examples, by cell.',
    );
    expect(textOf(seeds([0.6, 0.7]))).not.toContain('examples.');
  });
});
