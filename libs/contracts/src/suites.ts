import type { GlueDataset } from './tasks/glue.js';
import type { SuperGlueDataset } from './tasks/superglue.js';

/** Benchmarks of several tasks, each with the test metrics that count for it. A task's score is the mean
 *  of its metrics, and the benchmark's is the mean of its tasks' scores (Wang et al. 2018, 2019; MNLI's two
 *  test sets count once). GLUE is without WNLI, as usual (Devlin et al. 2019). */
export const suites = {
  superglue: {
    boolq: ['accuracy'],
    cb: ['accuracy', 'f1'],
    copa: ['accuracy'],
    multirc: ['f1', 'exactMatch'],
    record: ['f1', 'exactMatch'],
    rte: ['accuracy'],
    wic: ['accuracy'],
    wsc: ['accuracy'],
  } satisfies Record<SuperGlueDataset, readonly string[]>,
  glue: {
    cola: ['matthews'],
    sst2: ['accuracy'],
    mrpc: ['accuracy', 'f1'],
    qqp: ['accuracy', 'f1'],
    stsb: ['pearson', 'spearman'],
    mnli: ['matched/accuracy', 'mismatched/accuracy'],
    qnli: ['accuracy'],
    rte: ['accuracy'],
  } satisfies Record<GlueDataset, readonly string[]>,
} as const;

export type SuiteName = keyof typeof suites;

export const suiteNames = Object.keys(suites) as SuiteName[];

/** The knob that tells a suite's tasks apart. */
export const suiteKnob = 'task.dataset';

/** A suite's tasks in its order. */
export const tasksOf = (suite: SuiteName): string[] => Object.keys(suites[suite]);

/** The metrics whose mean is a task's score. */
export const metricsOfTask = (suite: SuiteName, task: string): readonly string[] =>
  (suites[suite] as Record<string, readonly string[]>)[task] ?? [];
