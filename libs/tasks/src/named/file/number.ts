import type { FileNumber } from '#contracts/tasks/file.js';
import { numberDataset } from '../../kinds/number.js';
import { FieldError, textOf } from '../../reading/fields.js';
import { rowsReader } from '../../reading/reader.js';
import type { TaskDefinition } from '../../task.js';
import { rowSplits } from './splits.js';

/** Rows of any file with a number each, as STS-B's similarities. */
export const numberFile: TaskDefinition<FileNumber, 'number'> = {
  reader: ({ quote }) => rowsReader(quote),
  splits: (config, records) =>
    rowSplits<'number'>(config, records, {
      hidden: [config.value],
      templates: [config.input].flat(),
      answer(record, path, place) {
        const text = textOf(record, config.value, { path, knob: 'task.value' }).trim();
        const value = Number(text);
        if (text === '' || !Number.isFinite(value))
          throw new FieldError(`${place}: "${config.value}" is "${text}"; expected a number`);
        return { value };
      },
      label: ({ value }) => String(value),
      warnings: [],
    }),
  dataset: (splits) => numberDataset(splits),
};
