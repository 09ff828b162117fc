/** What a model with an adapter says of texts that belong to no dataset: no step is trained. */
import type { Kind } from '#contracts/kind.js';
import { kindOf, type Task } from '#contracts/task.js';
import { TuneConfig } from '#contracts/trial.js';
import { unanswerable } from '#contracts/unanswerable.js';
import { headBeside, type LoadedAdapter } from '#methods/files/adapter-files.js';
import type { Model } from '#models/model.js';
import type { Example, Likelihood, Said } from '#tasks/example.js';
import { taskOf } from '#tasks/table.js';
import type { Answering, AnswerSpace } from '../answers/answering.js';
import { answeringOf } from '../answers/table.js';
import { wordIssue } from '../answers/word-issue.js';
import { Gang } from '../gang/gang.js';
import { answerExamples } from '../rows/answer-examples.js';
import { answererOf } from '../tune/answerer.js';
import { checkRoom } from '../tune/check-room.js';
import { type AskedText, exampleOf } from './asked-text.js';
import { type Prediction, predictionOf, type SaidOfText } from './prediction.js';

/** What answers: a task without its data, and an adapter with the words that it was trained with. */
export interface Predicting {
  task: Task;
  adapter: LoadedAdapter; // its parameters stay the caller's
}

const atOnce = 256; // texts between two answers

/** A prediction a text, in their order. Throws an Error that names what the task, the adapter or a text
 *  lacks. */
export async function* predict(
  model: Model,
  { task, adapter }: Predicting,
  texts: readonly AskedText[],
): AsyncGenerator<Prediction, void> {
  const kind = kindOf(task);
  const backbone = { folder: model.folder };
  const config = TuneConfig.parse({ stage: 'tune', backbone, task, method: adapter.config });
  const [reason] = unanswerable(config, { kind: model.kind, name: 'the backbone' });
  if (reason) throw new Error(`${reason.path}: ${reason.message}`);
  const examples = texts.map((text, i) => exampleOf(kind, text, i));
  const labels = labelsOf(adapter);
  const choose = task.name === 'mixture' ? undefined : taskOf(task).choose?.(task);
  const space = {
    kind,
    labels,
    labelWords: labels,
    train: [],
    validation: [],
    test: examples,
    ...(choose && { choose }),
  } as AnswerSpace;
  refuseWithout(labels, kind);
  const answers = answeringOf(model, config, space);
  refuseHeadless(answers, adapter);
  const issue = wordIssue(model, space, answers);
  if (issue !== null) throw new Error(issue);
  checkRoom(model, [config], answers);
  const gang = new Gang(model, [config], answers);
  try {
    gang.adopt([adapter.parameters]);
    for (let from = 0; from < examples.length; from += atOnce) {
      const part = examples.slice(from, from + atOnce);
      for (const [i, said] of (await saidOf(gang, answers, part)).entries())
        yield predictionOf(part[i]!, said, { labels, answers });
    }
  } finally {
    gang.dispose();
  }
}

async function saidOf(gang: Gang, answers: Answering, examples: readonly Example[]): Promise<SaidOfText[]> {
  const encoded = examples.map((example) => ({ example, rows: answers.rows(example) }));
  const likelihood = answers.kind === 'language';
  const work = answerExamples(answererOf(gang), encoded, { said: true, likelihood });
  for (;;) {
    const { value, done } = await work.next();
    if (!done) continue;
    const [{ said, likelihoods }] = value as [{ said: Said[Kind][]; likelihoods: Likelihood[] }];
    return said.map((own, i) => ({ said: own, ...(likelihood && { likelihood: likelihoods[i]! }) }));
  }
}

/** As the adapter names them; transformers' names where it names none and has a head. */
function labelsOf(adapter: LoadedAdapter): string[] {
  const named = adapter.tags ?? adapter.labels?.words;
  if (named?.length) return [...named];
  const outputs = headBeside(adapter)?.outputs;
  return typeof outputs === 'number' ? Array.from({ length: outputs }, (_, i) => `LABEL_${i}`) : [];
}

function refuseWithout(labels: readonly string[], kind: Kind): void {
  if ((kind === 'class' || kind === 'tags') && labels.length === 0)
    throw new Error(
      'the adapter names no labels: it was saved before label words were kept next to it, or elsewhere; name its folder, and give --labels a,b,c',
    );
}

function refuseHeadless({ head }: Answering, adapter: LoadedAdapter): void {
  const own = headBeside(adapter);
  if (head && !own) throw new Error('the task is answered by a head, and the adapter has none');
  if (!head && own) throw new Error('the adapter has a head, and the task is not answered by one');
}
