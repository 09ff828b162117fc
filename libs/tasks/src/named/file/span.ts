import type { FileSpan } from '#contracts/tasks/file.js';
import type { Answers } from '../../example.js';
import { spanDataset } from '../../kinds/span.js';
import type { DataRecord } from '../../reading/data-record.js';
import { FieldError, textOf, valueOf } from '../../reading/fields.js';
import { rowsReader } from '../../reading/reader.js';
import type { TaskDefinition } from '../../task.js';
import { questionsIn } from './questions.js';
import { rowSplits } from './splits.js';

type Spans = Answers['span']['answers'];

/** Questions that a stretch of their context answers: rows of any file, SQuAD's JSON (Rajpurkar et al. 2016,
 *  2018), or MRQA's JSON lines (Fisch et al. 2019). Questions of one context stand in one split. */
export const spanFile: TaskDefinition<FileSpan, 'span'> = {
  reader: ({ quote }) => rowsReader(quote),
  splits(config, records) {
    const { question, context } = config;
    return rowSplits<'span'>(config, (path) => questionsIn(path, records(path), config), {
      hidden: [config.answers],
      templates: [`{${question}}`, `{${context}}`],
      answer(record, path, place) {
        const text = textOf(record, context, { path, knob: 'task.context' });
        return { answers: answersOf(record, { column: config.answers, context: text, place }) };
      },
      splitBy: (record) => String(record.fields[context]),
      warnings: [],
    });
  },
  dataset: (splits) => spanDataset(splits),
};

interface Asked {
  column: string;
  context: string;
  place: string;
}

/** Where in the context the answers stand, each once: { text, answer_start } of lists or of one, a list of
 *  those, of texts, or one text. Nothing, or `is_impossible`: there is none. A text without a place is the
 *  first of its like. Throws where an answer does not stand where it is said to. */
function answersOf(record: DataRecord, asked: Asked): Spans {
  const { column, place } = asked;
  const value = valueOf(record.fields, column);
  if (value === undefined)
    throw new FieldError(
      `${place}: no column "${column}", which task.answers names; there are ${Object.keys(record.fields).join(', ')}`,
    );
  if (record.fields['is_impossible'] === true) return [];
  const spans = placed(value, asked).map(({ text, start }) => spanOf(text, start, asked));
  return spans.filter(
    (span, i) => spans.findIndex(({ from, to }) => from === span.from && to === span.to) === i,
  );
}

interface Placed {
  text: string;
  start?: number;
}

function placed(value: unknown, asked: Asked): Placed[] {
  const wrong = () =>
    new Error(
      `${asked.place}: "${asked.column}" is ${JSON.stringify(value)?.slice(0, 60)}; expected texts, or { text, answer_start }`,
    );
  if (value === null || value === '') return [];
  if (typeof value === 'string') return [{ text: value }];
  if (Array.isArray(value)) return value.flatMap((item) => placed(item, asked));
  if (typeof value !== 'object') throw wrong();
  const { text, answer_start: start } = value as { text?: unknown; answer_start?: unknown };
  const [texts, starts] = [[text].flat(), start === undefined ? [] : [start].flat()];
  if (starts.length > 0 && starts.length !== texts.length) throw wrong();
  return texts.map((own, i) => {
    const at = starts[i];
    if (typeof own !== 'string' || !(at === undefined || Number.isInteger(at))) throw wrong();
    return { text: own, ...(at !== undefined && { start: at as number }) };
  });
}

function spanOf(text: string, start: number | undefined, { context, place }: Asked): Spans[number] {
  if (text.trim() === '')
    throw new Error(`${place}: an answer is empty; expected a stretch of the context, or no answer`);
  const from = start ?? context.indexOf(text);
  if (from < 0) throw new Error(`${place}: the answer "${text}" is not in the context`);
  const stands = context.slice(from, from + text.length);
  if (stands !== text)
    throw new Error(
      `${place}: the answer "${text}" is not at character ${from} of the context, where "${stands}" stands`,
    );
  return { from, to: from + text.length };
}
