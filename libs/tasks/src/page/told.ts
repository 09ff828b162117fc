/** What docs/tasks.md tells of each task, beside what the code itself says. */
import type { TaskName } from '#contracts/task.js';
import type { FileTask } from '#contracts/tasks/file.js';
import type { GlueDataset } from '#contracts/tasks/glue.js';
import type { SuperGlueDataset } from '#contracts/tasks/superglue.js';

export interface Told {
  files: string;
  input: string; // what a model reads, T5's name of the task left out
  source: string;
}

/** A task by its name, with its dataset or its kind. */
export type TaskKey =
  | Exclude<TaskName, 'file' | 'superglue' | 'glue'>
  | `superglue ${SuperGlueDataset}`
  | `glue ${GlueDataset}`
  | `file ${FileTask['kind']}`;

const published = (dataset: string) => `\`${dataset}/{train,dev32,val}.jsonl\``;
const superglue = (dataset: SuperGlueDataset, input: string, source: string): Told => ({
  files: published(dataset),
  input,
  source: `${source}; Wang et al. 2019`,
});
const glue = (folder: string, input: string, source: string): Told => ({
  files: `\`${folder}/{train,dev}.tsv\` or \`.jsonl\``,
  input,
  source: `${source}; Wang et al. 2018`,
});
const rows = 'CSV, TSV, JSON or JSONL, plain or `.gz`';

export const told = {
  'superglue boolq': superglue('boolq', '`passage: … question: …`', 'Clark et al. 2019'),
  'superglue cb': superglue('cb', '`hypothesis: … premise: …`', 'de Marneffe et al. 2019'),
  'superglue copa': superglue('copa', '`premise: … question: cause`', 'Roemmele et al. 2011'),
  'superglue multirc': superglue('multirc', '`question: … answer: … paragraph: …`', 'Khashabi et al. 2018'),
  'superglue record': superglue('record', '`query: … entities: a, b passage: …`', 'Zhang et al. 2018'),
  'superglue rte': superglue('rte', '`hypothesis: … premise: …`', 'Dagan et al. 2006 and later'),
  'superglue wic': superglue(
    'wic',
    '`sentence1: … sentence2: … word: …`',
    'Pilehvar and Camacho-Collados 2019',
  ),
  'superglue wsc': superglue('wsc', 'the text with `* pronoun *`', 'Levesque et al. 2012'),
  'glue cola': glue('CoLA', '`sentence: …`', 'Warstadt et al. 2019'),
  'glue sst2': glue('SST-2', '`sentence: …`', 'Socher et al. 2013'),
  'glue mrpc': glue('MRPC', '`sentence1: … sentence2: …`', 'Dolan and Brockett 2005'),
  'glue qqp': glue('QQP', '`question1: … question2: …`', 'Iyer et al. 2017'),
  'glue stsb': glue('STS-B', '`sentence1: … sentence2: …`', 'Cer et al. 2017'),
  'glue mnli': {
    ...glue('MNLI', '`hypothesis: … premise: …`', 'Williams et al. 2018'),
    files: '`MNLI/{train,dev_matched,dev_mismatched}.tsv` or `.jsonl`',
  },
  'glue qnli': glue('QNLI', '`question: … sentence: …`', 'Rajpurkar et al. 2016'),
  'glue rte': glue('RTE', '`sentence1: … sentence2: …`', 'Dagan et al. 2006 and later'),
  'wordnet-supersense': { files: 'comes along', input: 'a definition', source: 'WordNet 3.1, Miller 1995' },
  'wordnet-hypernyms': {
    files: 'comes along',
    input: '`a robin is a kind of {mask}.`',
    source: 'WordNet 3.1, Miller 1995; probes as Petroni et al. 2019',
  },
  tagging: {
    files: 'columns (CoNLL-2003, CoNLL-U), or JSONL with lists of words and tags',
    input: 'the words',
    source: 'yours; Tjong Kim Sang and De Meulder 2003',
  },
  'semantic-roles': {
    files: 'columns of CoNLL-2005 or CoNLL-2012, a column of roles for each predicate',
    input: '`predicate : words`',
    source: 'Carreras and Màrquez 2005; Pradhan et al. 2012',
  },
  restaurant8k: {
    files: '`train_0.json`, `test.json`, as published',
    input: '`requested slots : words`',
    source: 'Coope et al. 2020',
  },
  'restaurant8k-questions': {
    files: '`train_0.json`, `test.json`, as published',
    input: 'a question for each requested slot, and the text',
    source: 'Coope et al. 2020',
  },
  e2e: {
    files: 'a CSV with `mr` and `ref`, or the folder of a release',
    input: '`name : Aromi | Type : pub`',
    source: 'Novikova et al. 2017; Dušek et al. 2019',
  },
  webnlg: {
    files: 'the XML folders of WebNLG 2017',
    input: '`subject : property : object | …`',
    source: 'Gardent et al. 2017',
  },
  dart: {
    files: 'the JSON of DART 1.1.1',
    input: '`subject : relation : object | …`',
    source: 'Nan et al. 2021',
  },
  'file class': { files: rows, input: 'your template, or the two of a pair', source: 'yours' },
  'file choice': { files: rows, input: 'your template, or the two of a pair', source: 'yours' },
  'file span': {
    files: `SQuAD 1.1 and 2.0, MRQA's JSONL, or ${rows}`,
    input: 'question and context',
    source: 'yours; Rajpurkar et al. 2016, 2018; Fisch et al. 2019',
  },
  'file text': { files: `${rows}; SQuAD and MRQA in words`, input: 'your template', source: 'yours' },
  'file cloze': {
    files: rows,
    input: 'your template with one `{mask}`, or a column with `[MASK]`',
    source: 'yours; Petroni et al. 2019',
  },
  'file number': { files: rows, input: 'your template, or the two of a pair', source: 'yours' },
  'file language': {
    files: 'plain text, plain or `.gz`, or a folder of such files',
    input: 'the text',
    source: 'yours',
  },
} satisfies Record<TaskKey, Told>;

/** Published formats that `name: file` reads as they are, with the knobs that do it. */
export const formats: readonly { name: string; task: object; example?: string }[] = [
  {
    name: 'XSum (Narayan et al. 2018), JSONL',
    task: {
      name: 'file',
      kind: 'text',
      path: 'train.jsonl',
      input: '{document}',
      references: 'summary',
      metrics: ['loss', 'rouge1', 'rouge2', 'rougeL'],
    },
  },
  {
    name: "Debian's package index, long to short description",
    task: { name: 'file', kind: 'text', path: 'packages.jsonl.gz', input: '{l}', references: 'd' },
  },
  {
    name: 'SQuAD answered in words',
    task: {
      name: 'file',
      kind: 'text',
      path: 'train-v1.1.json',
      input: 'question: {question} context: {context}',
      references: 'answers',
      metrics: ['loss', 'f1', 'exactMatch'],
    },
  },
  { name: 'MRQA 2019', task: { name: 'file', kind: 'span', path: 'SQuAD.jsonl.gz' } },
  {
    name: 'LAMA (Petroni et al. 2019): Google-RE, ConceptNet, SQuAD',
    task: {
      name: 'file',
      kind: 'cloze',
      path: 'test.jsonl',
      input: '{masked_sentences.0}',
      word: 'obj_label',
      vocabularyPath: 'common_vocab_cased.txt',
    },
  },
  {
    name: 'LAMA: T-REx, a relation by its template',
    task: {
      name: 'file',
      kind: 'cloze',
      path: 'P19.jsonl',
      input: '{sub_label} was born in {mask} .',
      word: 'obj_label',
    },
  },
  {
    name: 'Texts of a folder, and of those below it',
    task: { name: 'file', kind: 'language', path: 'corpus', files: ['*.txt', '*/*.txt'] },
  },
  {
    name: 'CoNLL-2003',
    task: {
      name: 'tagging',
      path: 'eng.train',
      validationPath: 'eng.testa',
      testPath: 'eng.testb',
    },
  },
  {
    name: 'COPA-like choices, a column each',
    task: {
      name: 'file',
      kind: 'choice',
      path: 'rows.csv',
      input: '{premise}',
      choices: ['choice1', 'choice2'],
      label: 'label',
    },
  },
];
