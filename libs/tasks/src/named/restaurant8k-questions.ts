import type { Restaurant8kQuestions } from '#contracts/tasks/restaurant8k-questions.js';
import { type Splits, refuseEmpty } from '../dataset.js';
import type { Example } from '../example.js';
import { spanDataset } from '../kinds/span.js';
import type { DataRecord } from '../reading/data-record.js';
import { rowsReader } from '../reading/reader.js';
import { type Split, taking } from '../reading/split.js';
import type { TaskDefinition } from '../task.js';
import { type Item, type Slot, slots, splitItems } from './restaurant8k-items.js';

const salt = 'restaurant8k-questions';

const asked: Record<Slot, string> = {
  date: 'which date?',
  first_name: 'which first name?',
  last_name: 'which last name?',
  people: 'how many people?',
  time: 'which time?',
};

/** Slots that the system had asked for, each a question to the text (as Coope et al. 2020 read them). Scored
 *  as SQuAD 2.0: some have no answer. Items that were not asked for anything give no question. */
export const restaurant8kQuestions: TaskDefinition<Restaurant8kQuestions, 'span'> = {
  reader: () => rowsReader(),
  splits: questionSplits,
  dataset: (splits) => spanDataset(splits),
};

function* questionSplits(
  config: Restaurant8kQuestions,
  records: (path: string) => readonly DataRecord[],
): Generator<void, Splits<'span'>> {
  const items = yield* splitItems(config, records);
  const examples = (split: Split) =>
    taking(
      items[split].flatMap((item) => questionsOf(item, split)),
      config,
      salt,
      split,
    );
  const given: Splits<'span'> = {
    name: salt,
    labels: [],
    labelWords: [],
    train: yield* examples('train'),
    validation: yield* examples('validation'),
    test: yield* examples('test'),
  };
  refuseEmpty(given);
  return given;
}

const questionsOf = ({ line, text, spans, requested }: Item, split: Split): Example<'span'>[] =>
  slots
    .filter((slot) => requested.includes(slot))
    .map((slot) => ({
      id: `${split === 'test' ? 'test' : 'train'}:${line}:${slot}`,
      input: [asked[slot], text],
      answer: { answers: spans.filter((span) => span.slot === slot).map(({ from, to }) => ({ from, to })) },
    }));
