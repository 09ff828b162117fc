/** How every kind of task is answered by every kind of model: the table that contracts/unanswerable.ts
 *  promises. */
import type { Kind } from '#contracts/kind.js';
import { type Method, trainsHead } from '#contracts/method.js';
import type { Task } from '#contracts/task.js';
import type { Training } from '#contracts/training.js';
import { answerBy, type ModelKind } from '#contracts/unanswerable.js';
import type { Model } from '#models/model.js';
import { type InputReader, inputReader } from '../rows/input-reader.js';
import type { Row } from '../rows/row.js';
import type { Answering, AnswerSpace, Asked } from './answering.js';
import { classAnswering } from './class.js';
import { choiceByHead } from './choice-head.js';
import { choiceByWords } from './choice.js';
import { clozeOfDecoder, clozeOfEncoder, clozeOfEncoderDecoder } from './cloze.js';
import { languageAnswering } from './language.js';
import { numberAnswering } from './number.js';
import { tagsAnswering } from './tags.js';
import type { WritingModel } from './teacher-forcing.js';
import { spanAnswering } from './span.js';
import { spanByWriting, textAnswering } from './text.js';
import { sentinel } from './writing.js';

const choiceOfWriter = (of: Asked<'choice', WritingModel>): Answering<'choice'> =>
  of.by === 'head' ? choiceByHead(of) : choiceByWords(of);

type Making<K extends Kind, M extends ModelKind> = (
  of: Asked<K, Extract<Model, { kind: M }>>,
) => Answering<K>;

const answerings = {
  class: { encoder: classAnswering, decoder: classAnswering, 'encoder-decoder': classAnswering },
  choice: { encoder: choiceByHead, decoder: choiceOfWriter, 'encoder-decoder': choiceOfWriter },
  tags: { encoder: tagsAnswering },
  span: { encoder: spanAnswering, decoder: spanByWriting, 'encoder-decoder': spanByWriting },
  text: { decoder: textAnswering, 'encoder-decoder': textAnswering },
  cloze: { encoder: clozeOfEncoder, decoder: clozeOfDecoder, 'encoder-decoder': clozeOfEncoderDecoder },
  number: { encoder: numberAnswering, decoder: numberAnswering, 'encoder-decoder': numberAnswering },
  language: { decoder: languageAnswering },
} satisfies { [K in Kind]: { [M in ModelKind]?: Making<K, M> } };

/** A trial's task and method; `method` is absent where the backbone is untouched. */
export interface Trial {
  task: Task;
  method?: Method;
  reader?: InputReader; // absent: as the method reads
  training?: Pick<Training, 'labelSmoothing'>; // absent: nothing is trained
}

/** How this model answers the task. Made once a gang, for its steps, its room and its scores. Throws where
 *  none is known: `unanswerable` says it in words. */
export function answeringOf(
  model: Model,
  { task, method, training, reader }: Trial,
  dataset: AnswerSpace,
): Answering {
  const { maxLength, answer } = task;
  const make = (answerings[dataset.kind] as { [M in ModelKind]?: unknown })[model.kind];
  if (!make)
    throw new Error(`answers of kind ${dataset.kind} are not given by a model of kind ${model.kind}`);
  const by = answerBy({ task, ...(method && { method }) }, model.kind);
  const asked = {
    model,
    dataset,
    by,
    ownHead: method !== undefined && trainsHead(method),
    reader: reader ?? inputReader(model, method),
    maxLength,
    answer,
    front: task.sentinel ? [sentinelOf(model)] : [],
    smoothing: training?.labelSmoothing ?? 0,
  };
  return (make as (of: typeof asked) => Answering<Kind, Row>)(asked);
}

/** <extra_id_0>. Throws where the model knows no span corruption. */
function sentinelOf({ tokenizer, family }: Model): number {
  if (family === 't5') return tokenizer.idOf(sentinel);
  throw new Error(`task.sentinel: true, and the backbone is a ${family}; T5 has sentinels`);
}
