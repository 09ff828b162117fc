import { join } from 'node:path';
import { changesBackbone } from '#contracts/sharing.js';
import type { Summary, TrainEvent } from '#contracts/trainer-messages.js';
import { saveAdapter, type TrainedAdapter } from '#methods/files/adapter-files.js';
import { headOf } from '#methods/heads/classifier.js';
import { countOf } from '#methods/members/shapes.js';
import { keepParameters } from '#methods/files/trained-parameters.js';
import { sizesOf } from '#tasks/dataset.js';
import { givenPath } from '../local-inputs.js';
import { referenceScores } from '../references.js';
import { methodFor } from './method-for.js';
import { provenanceOf } from './provenance.js';
import { evaluate, metricsOf } from './evaluation.js';
import { writeNeighbours } from './neighbours.js';
import { writePredictions } from './predictions.js';
import { announceIn, heard, heed, type Run } from './run.js';

/** Tests every member that was trained to its end, with the parameters that validation chose. */
export async function* finish(run: Run): AsyncGenerator<TrainEvent, void> {
  heed(run);
  const done = run.members.map((_, m) => m).filter((m) => !run.verdicts[m]);
  if (done.length === 0) return;
  const { config } = run.members[0]!;
  const own = run.members.map((_, m) => run.best[m] ?? run.gang.parametersOf(m));
  run.best.splice(0, own.length, ...own);
  run.gang.adopt(own);
  const test = yield* evaluate(run, 'test');
  const before = done.every((m) => run.validated[m]?.whole) ? [] : yield* evaluate(run, 'validation');
  run.phases.enter('references');
  const what = 'measuring the references';
  yield* announceIn(run, what);
  const beside = yield* heard(run, referenceScores(run.model, config.task, run.contents), what);
  run.phases.enter('saving');
  yield* announceIn(run, 'saving what was trained');
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
    const chosen = run.validated[m];
    const validation = chosen?.whole ? chosen : before[m]!;
    writePredictions(kept, run.task.dataset, { validation, test: test[m]! });
    yield { type: 'checkpoint', attemptId, kind: 'predictions', step: bestStep, folder: kept };
    const near = join(folder, 'neighbours');
    if (await writeNeighbours(near, run, m))
      yield { type: 'checkpoint', attemptId, kind: 'neighbours', step: bestStep, folder: near };
    run.verdicts[m] = {
      verdict: 'succeeded',
      attemptId,
      summary: await summaryOf(run, m, {
        validation: validation.scores,
        test: test[m]!.scores,
        references: beside,
      }),
    };
  }
}

async function saveTrained(
  { members, model, gang, task: { dataset }, best }: Run,
  m: number,
  to: string,
): Promise<void> {
  const { method, backbone } = members[m]!.config;
  const trained: TrainedAdapter = {
    config: method,
    parameters: best[m]!,
    labels: gang.answers.labels,
    ...(dataset.kind === 'tags' && { tags: dataset.labels }),
    head: gang.answers.head,
    backbone: backbone.name ?? (backbone.folder && givenPath(members[m]!, backbone.folder)) ?? model.hash,
  };
  saveAdapter(to, model, trained);
  await keepParameters(to, model, trained);
}

/** What a member amounted to, with these scores. */
export async function summaryOf(
  run: Run,
  m: number,
  scores: Pick<Summary, 'validation' | 'test' | 'references'>,
): Promise<Summary> {
  const [{ config }, record, { model, task, watch }] = [run.members[m]!, run.records[m]!, run];
  const { answers } = run.gang;
  const { labels } = answers;
  const shapes = methodFor(config.method, answers).shapes(config.method, model, labels);
  const [trainable, head] = [countOf(shapes), countOf(headOf(shapes))];
  return {
    ...scores,
    metrics: Object.fromEntries(
      task.dataset.metrics.map(({ name, unit, better }) => [name, { unit, better }]),
    ),
    reportBy: task.dataset.reportBy,
    sizes: sizesOf(task.dataset),
    bestStep: record.best?.step ?? 0, // nothing was trained
    steps: record.step,
    trainableParameters: trainable,
    headParameters: head,
    totalParameters: changesBackbone(config.method)
      ? Math.max(model.parameterCount, trainable - head) + head
      : model.parameterCount + trainable,
    trainSeconds: watch.seconds,
    compileSeconds: run.gang.compileSeconds,
    phaseSeconds: run.phases.seconds,
    stepMs: watch.medianMs,
    gang: run.members.length,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    provenance: await provenanceOf({
      precision: model.precision,
      dataHash: task.dataset.hash,
      backboneHash: model.hash,
      inputs: run.inputs[m],
    }),
  };
}
