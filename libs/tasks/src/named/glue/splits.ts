import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Glue, glueFiles } from '#contracts/tasks/glue.js';
import { type Splits, refuseEmpty } from '../../dataset.js';
import type { Answers, Example } from '../../example.js';
import type { DataRecord } from '../../reading/data-record.js';
import { placeIn, textOf } from '../../reading/fields.js';
import { type Reader, rowsReader } from '../../reading/reader.js';
import { type Split, splitOf, taking } from '../../reading/split.js';
import { repeatedTexts } from '../../reading/suspicious-rows.js';
import { glueInput, glueRows } from './columns.js';

type GlueKind = 'class' | 'number';

type Placed<K extends GlueKind> = Example<K> & { place: string };

/** TSV without quotes, CoLA's without a header; a file that is missing is named with its dataset. */
export function glueReader({ dataset, format }: Glue): Reader {
  const { header } = glueRows[dataset];
  const rows =
    format === 'tsv' ? rowsReader('', { ...(header && { header }), shortRows: true }) : rowsReader();
  return {
    ...rows,
    atOnce(path) {
      if (!existsSync(path)) throw new Error(`task.path: ${dataset} needs ${path}`);
      return rows.atOnce(path);
    },
  };
}

/** A dataset's splits, a row at a time: a tenth of the training file, by a fixed hash, chooses checkpoints,
 *  and dev is tested. Throws an Error naming file, line and field. */
export function* glueSplits<K extends GlueKind>(
  config: Glue,
  records: (path: string) => readonly DataRecord[],
  answerOf: (value: string, place: string) => Answers[K],
): Generator<void, Splits<K>> {
  const { dataset, format } = config;
  const salt = `glue ${dataset}`;
  const { labels = [], [format]: columns } = glueRows[dataset];
  const { train, dev } = glueFiles(config);
  const needed = [...columns.texts, columns.label];
  const broken: string[] = [];
  const splits: Record<Split, Placed<K>[]> = { train: [], validation: [], test: [] };
  for (const file of [train, ...dev]) {
    const path = join(config.path, file);
    const group = /_((?:mis)?matched)\./.exec(file)?.[1];
    const all = records(path);
    const isWhole = ({ fields }: DataRecord) =>
      needed.every((name) => format === 'jsonl' || Object.hasOwn(fields, name));
    const whole = all.filter(isWhole);
    if (whole.length < all.length) broken.push(...brokenRows(path, all, { whole, needed }));
    for (const record of whole) {
      yield;
      const place = placeIn(path, record);
      const text = (name: string) => textOf(record, name, { path, knob: `task.dataset: ${dataset}` });
      const texts = columns.texts.map(text);
      const empty = texts.findIndex((own) => own.trim() === '');
      if (empty >= 0) throw new Error(`${place}: no text in "${columns.texts[empty]}"`);
      const answer = answerOf(text(columns.label).trim(), place);
      const split =
        file !== train ? 'test' : splitOf(`${record.line}`, salt) === 'test' ? 'validation' : 'train';
      const id = `${basename(file)}:${record.line}`;
      splits[split].push({
        id,
        input: glueInput(config, texts),
        answer,
        ...(group !== undefined && { group }),
        place,
      });
    }
  }
  const label = (answer: Answers[K]) =>
    'label' in answer ? answer.label : String((answer as Answers['number']).value);
  const rows = (split: Split) =>
    splits[split].map(({ place, input, answer }) => ({ place, input, label: label(answer) }));
  const warnings = yield* repeatedTexts(
    { train: rows('train'), validation: rows('validation'), test: rows('test') },
    { labels },
  );
  const examples = (split: Split) =>
    taking(
      splits[split].map(({ place: _place, ...example }) => example as unknown as Example<K>),
      config,
      salt,
      split,
    );
  const given: Splits<K> = {
    name: salt,
    labels: [...labels],
    labelWords: [...labels],
    train: yield* examples('train'),
    validation: yield* examples('validation'),
    test: yield* examples('test'),
    warnings: [...broken, ...warnings],
  };
  refuseEmpty(given);
  return given;
}

const mostBroken = 0.001; // of a file's rows

/** A warning where some rows lack columns, as a few of the published QQP do. Throws where more than those do.
 */
function brokenRows(
  path: string,
  all: readonly DataRecord[],
  { whole, needed }: { whole: readonly DataRecord[]; needed: readonly string[] },
): string[] {
  const first = all.find((record) => !whole.includes(record))!;
  const lacking = all.length - whole.length;
  const lacks = needed.filter((name) => !Object.hasOwn(first.fields, name)).map((name) => `"${name}"`);
  const message = `${placeIn(path, first)}: no column ${lacks.join(', ')}; so it is in ${lacking} of ${all.length} rows`;
  if (lacking > mostBroken * all.length)
    throw new Error(`${message}, and ${mostBroken * 100} % may be broken`);
  return [`${message}, which are left out`];
}
