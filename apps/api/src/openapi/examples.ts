/** What the document shows of the contracts. A test reads each by its contract. */
const id = '5f1c7a52-7f0e-4a7e-9a53-0d6f1e6f4c11';
const trialId = '0b8e6f0c-2c7e-4f0e-8f39-6d1f9c0a7b52';
const point = { 'method.length': 20, 'method.init': 'vocabulary', seed: 1 };
const estimate = { n: 3, mean: 0.848, sd: 0.0048, halfWidth: 0.012, low: 0.836, high: 0.86, level: 0.95 };
const values = [0.843, 0.848, 0.853].map((value, i) => ({ seed: i + 1, value }));
const references = { majority: 0.22, 'zero-shot': 0.599 };

const summary = {
  validation: { accuracy: 0.86, loss: 0.41 },
  test: { accuracy: 0.848, loss: 0.44 },
  metrics: { accuracy: { unit: 'share', better: 'larger' }, loss: { unit: 'nats', better: 'smaller' } },
  references,
  reportBy: 'accuracy',
  sizes: { train: 1000, validation: 100, test: 200 },
  bestStep: 300,
  steps: 400,
  trainableParameters: 7_680,
  totalParameters: 22_720_896,
  trainSeconds: 21.4,
  compileSeconds: 3.2,
  stepMs: 48.1,
  peakMemoryBytes: 812_000_000,
  provenance: {
    code: '0.1.0',
    library: 'libtensorflow 2.18.0',
    device: 'CPU x 2 threads',
    dataHash: 'a3'.repeat(32),
    backboneHash: '7c'.repeat(32),
  },
};

const cell = {
  id,
  grid: 'lengths',
  index: 12,
  point,
  baseline: false,
  trialId,
  state: 'succeeded',
  reused: false,
  why: 'finished after 400 steps',
  step: 400,
  steps: 400,
  stepMs: 48.1,
  summary,
};

const group = {
  cells: 3,
  estimate,
  draws: 1,
  values,
  repeated: 0,
  missing: [],
  ids: [id],
  unlearned: null,
  mixed: [],
  measuredOn: ['test = 200'],
  references,
};

const curve = {
  trialId,
  grid: 'lengths',
  index: 12,
  point,
  state: 'succeeded',
  measured: 400,
  steps: [1, 200, 400],
  values: [1.61, 0.58, 0.44],
};

const experiment = {
  id,
  name: 'lengths',
  state: 'active',
  priority: 0,
  cells: 36,
  trials: {
    blocked: 0,
    ready: 20,
    dispatched: 1,
    running: 1,
    succeeded: 13,
    failed: 1,
    cancelled: 0,
    pruned: 0,
  },
  reused: 0,
  createdAt: '2026-11-29T20:15:00.000Z',
  finishedAt: null,
  etaSeconds: 412.5,
};

const grid = {
  name: 'lengths',
  backbone: { name: 'minilm-l6' },
  task: { name: 'wordnet-supersense', train: 1000 },
  method: { name: 'prompt-tuning' },
  grid: { 'method.length': [1, 5, 20], 'method.init': ['random', 'vocabulary'], seed: [1, 2, 3] },
};

const measured = {
  mean: 0.848,
  sd: 0.0048,
  halfWidth: 0.012,
  low: 0.836,
  high: 0.86,
  n: 3,
  cells: 3,
  values,
  references,
};

export const examples: Readonly<Record<string, unknown>> = {
  CreateExperiment: { name: 'lengths', grids: [grid], idempotencyKey: 'lengths-of-monday' },
  Grid: grid,
  Point: point,
  InputsQuery: { inputs: [], paths: [] },
  MissingInputs: { missing: [{ hash: 'a3'.repeat(32), bytes: 1024 }], mostBytes: 2_000_000_000, there: [] },
  ExperimentView: experiment,
  PlanView: {
    cells: 18,
    trials: 18,
    reused: 0,
    stages: { pretrain: 0, adapt: 0, tune: 18, evaluate: 0 },
    estimatedSeconds: 412.5,
    grids: [
      { name: 'lengths', cells: 18, axes: { 'method.length': [1, 5, 20] }, sizes: [], rules: [], splits: [] },
    ],
    warnings: [],
  },
  CellView: cell,
  CellsPage: { at: 1841, cells: [cell], next: '1000' },
  Summary: summary,
  TableView: {
    grid: 'lengths',
    metric: 'accuracy',
    rows: ['method.length'],
    cols: ['method.init'],
    added: [],
    columns: [['vocabulary']],
    body: [{ values: [20], groups: [group] }],
    baselines: [],
    references: [{ name: 'majority', min: 0.22, max: 0.22 }],
    cells: 3,
    mixed: [],
    suite: null,
    remarks: [],
    means: 1,
    notes: ['accuracy in percent: mean ± half-width of its 95 % t-interval over seeds, n = 3.'],
  },
  ScalingView: {
    grid: 'lengths',
    axis: 'method.length',
    metric: 'accuracy',
    lines: [{ at: { 'method.init': 'vocabulary' }, points: [{ x: 20, ...measured, examples: [200] }] }],
    baselines: [],
  },
  ThinnedCurve: curve,
  CurvesPage: { metric: 'loss', split: 'train', curves: [curve], next: null },
  CurveView: { trialId, metrics: [{ name: 'loss', split: 'train', step: 1, value: 1.61 }] },
  WorkerView: {
    id: 'laptop-4711',
    slots: 1,
    device: 'CPU x 2 threads',
    seenAt: '2026-11-29T20:15:00.000Z',
    alive: true,
    running: 1,
    fault: null,
    host: 'lab-3',
    labels: ['a100'],
    version: '0.1.0',
    state: 'training',
    startedAt: '2026-03-01T09:00:00.000Z',
  },
  Problem: {
    status: 400,
    title: 'there is no such table',
    issues: [{ path: '', message: 'no axis "method.lenght"; lengths has method.length, method.init, seed' }],
  },
};
