import { labelWordIssue } from '#models/label-words.js';
import type { Model } from '#models/model.js';
import type { Answering, AnswerSpace } from './answering.js';

/** Why the label words can't answer, where they are to. */
export function wordIssue(
  model: Model,
  { kind, labels, labelWords: words, tasks }: AnswerSpace,
  { by }: Answering,
): string | null {
  if (kind !== 'class' || by === 'head') return null;
  return labelWordIssue(model, { labels, words, ...(tasks && { tasks: tasks.map((p) => p.labels) }) }, by);
}
