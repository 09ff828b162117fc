/** What the parameters of queries are, with an example each. */
export const chosenTexts = {
  grid: ['of the file, by its name; several with commas between; absent: all', 'lengths'],
  where: [
    'KNOB:VALUE: those cells alone whose resolved config has it; given several times, all must hold',
    'method.name:lora',
  ],
} as const;

export const measuredTexts = {
  metric: ['a metric, or a number of the summary; absent: what each grid’s task reports', 'accuracy'],
  split: ['of the metric; absent: test', 'test'],
} as const;

export const tableTexts = {
  ...chosenTexts,
  rows: ['axes down the side; absent: by the number of their values', 'method.length'],
  cols: ['axes across the top', 'method.init'],
  ...measuredTexts,
  format: ['of the answer', 'csv'],
} as const;

export const pageTexts = {
  cursor: ['`next` of the page before', 1000],
  format: ['json: a page; ndjson: all from the cursor on, one a line', 'json'],
} as const;
