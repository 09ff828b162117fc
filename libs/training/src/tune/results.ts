import { join } from 'node:path';
import { changesBackbone } from '#contracts/sharing.js';
import type { Summary, TrainEvent } from '#contracts/trainer-messages.js';
import { saveAdapter, type TrainedAdapter } from '#methods/files/adapter-files.js';
import { countOf } from '#methods/members/shapes.js';
import { methodOf } from '#methods/table.js';
import { keepParameters } from '#methods/files/trained-parameters.js';
import { sizesOf } from '#tasks/dataset.js';
import { givenPath } from '../local-inputs.js';
import { referenceScores } from '../references.js';
import { methodFor } from './method-for.js';
import { provenanceOf } from './provenance.js';
import { evaluate, metricsOf } from './evaluation.js';
import { writePredictions } from './predictions.js';
import { announcedIn, heard, heed, type Run } from './run.js';
import { warmTask } from '../rows/warm-task.js';

/** Tests every member that was trained to its end, with the parameters that validation chose. */
export async function* finished(run: Run): AsyncGenerator<TrainEvent, void> {
  heed(run);
  const done = run.members.map((_, m) => m).filter((m) => !run.verdicts[m]);
  if (done.length === 0) return;
  const { config } = run.members[0]!;
  const own = run.members.map((_, m) => run.best[m] ?? run.gang.parametersOf(m));
  run.best.splice(0, own.length, ...own);
  run.gang.adopt(own);
  const test = yield* evaluate(run, 'test');
  const before = done.every((m) => run.said[m]) ? [] : yield* evaluate(run, 'validation');
  const what = 'measuring the references';
  yield* announcedIn(run, what);
  const untouched = warmTask(config.task, run.model, undefined, run.contents);
  const beside = yield* heard(run, referenceScores(run.model, untouched, config.task), what);
  yield* announcedIn(run, 'saving what was trained');
  for (const m of done) {
    const member = run.members[m]!;
    if (run.verdicts[m]) continue; // cancelled meanwhile
    const { attemptId, folder } = member;
    const bestStep = run.records[m]!.best!.step;
    yield { type: 'metrics', attemptId, metrics: metricsOf(test[m]!.scores, 'test', bestStep) };
    const to = join(folder, 'adapter');
    await saveTrained(run, m, to);
    yield { type: 'checkpoint', attemptId, kind: 'adapter', step: bestStep, folder: to };
    const kept = join(folder, 'predictions');
    writePredictions(kept, run.task.dataset, { validation: run.said[m] ?? before[m]!.said, test: test[m]!.said });
    yield { type: 'checkpoint', attemptId, kind: 'predictions', step: bestStep, folder: kept };
    run.verdicts[m] = { verdict: 'succeeded', attemptId, summary: await summaryOf(run, m, test[m]!.scores, beside) };
  }
}

async function saveTrained({ members, model, task: { dataset }, best }: Run, m: number, to: string): Promise<void> {
  const { method, backbone } = members[m]!.config;
  const trained: TrainedAdapter = {
    config: method,
    parameters: best[m]!,
    labels: { words: dataset.labelWords },
    ...(dataset.kind === 'tags' && { tags: dataset.labels }),
    backbone: backbone.name ?? (backbone.folder && givenPath(members[m]!, backbone.folder)) ?? model.hash,
  };
  saveAdapter(to, model, trained);
  await keepParameters(to, model, trained);
}

async function summaryOf(run: Run, m: number, test: Record<string, number>, beside: Record<string, number>): Promise<Summary> {
  const [{ config }, record, { model, task, watch }] = [run.members[m]!, run.records[m]!, run];
  const labels = { words: task.dataset.labelWords };
  const trainable = countOf(methodFor(config).shapes(config.method, model, labels));
  const head = trainable - countOf(methodOf(config.method).shapes(config.method, model, labels)); // that a tagger has beside its method
  return {
    validation: record.best!.validation,
    test,
    metrics: Object.fromEntries(task.dataset.metrics.map(({ name, unit, better }) => [name, { unit, better }])),
    references: beside,
    reportBy: task.dataset.reportBy,
    sizes: sizesOf(task.dataset),
    bestStep: record.best!.step,
    steps: record.step,
    trainableParameters: trainable,
    totalParameters: changesBackbone(config.method)
      ? Math.max(model.parameterCount, trainable - head) + head
      : model.parameterCount + trainable,
    trainSeconds: watch.seconds,
    compileSeconds: run.gang.compileSeconds,
    stepMs: watch.medianMs,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    provenance: await provenanceOf({ dataHash: task.dataset.hash, backboneHash: model.hash, inputs: run.inputs[m] }),
  };
}
