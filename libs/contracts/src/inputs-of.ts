import { isPromptFile } from './adapter-input.js';
import type { Backbone, Corpus } from './backbone.js';
import type { InputKind } from './input.js';
import { e2eFolderFiles } from './tasks/e2e.js';
import { type FileTask, languageFolderFiles } from './tasks/file.js';
import { glueFiles } from './tasks/glue.js';
import type { SingleTask, Task } from './task.js';
import { webNlgFiles } from './tasks/webnlg.js';
import type { AdapterSource, Source, TrialConfig } from './trial.js';

/** A file or folder that a config names. */
export interface NamedInput {
  knob: string; // "task.path"
  path: string;
  kind: InputKind;
  files: readonly string[]; // of a data folder: what is read of it, files and patterns; else empty
}

interface SplitPaths {
  path: string;
  validationPath: string | null;
  testPath: string | null;
}

/** What of a data folder is read, below it: files, and patterns of files (file-patterns.ts). */
export function dataFolderFiles(
  task: Extract<
    SingleTask,
    { name: 'superglue' | 'glue' | 'restaurant8k' | 'restaurant8k-questions' | 'e2e' | 'webnlg' }
  >,
): string[] {
  if (task.name === 'webnlg') return Object.values(webNlgFiles);
  if (task.name === 'e2e') return Object.values(e2eFolderFiles(task) ?? {});
  if (task.name === 'glue') {
    const { train, dev } = glueFiles(task);
    return [train, ...dev];
  }
  if (task.name === 'superglue') {
    const select = task.selectOn === 'dev32' ? ['dev32.jsonl'] : [];
    return ['train.jsonl', ...select, 'val.jsonl'].map((file) => `${task.dataset}/${file}`);
  }
  return [...new Set([task.subset, 'train_0', 'test'])].map((file) => `${file}.json`);
}

/** Whether a tokenizer is a folder's; else it is a backbone's name. */
export const isTokenizerFolder = (tokenizer: string): boolean =>
  tokenizer.includes('/') || tokenizer.includes('\\');

/** The files and folders that a trial's config names: its tasks' and its source's, its backbone's, and the
 *  texts that this is trained on. */
export function inputsOf(config: TrialConfig): NamedInput[] {
  const found: NamedInput[] = [];
  withPaths(config, (input) => {
    found.push(input);
    return input.path;
  });
  return found;
}

/** What stands where a config names a file or folder. */
export type Renamed = (input: NamedInput) => string;

/** The config with other paths. The one place that knows which knobs are paths. */
export function withPaths<C extends TrialConfig>(config: C, renamed: Renamed): C;
export function withPaths(config: TrialConfig, renamed: Renamed): TrialConfig {
  if (config.stage === 'pretrain')
    return { ...config, pretrain: ofStage('pretrain', config.pretrain, renamed) };
  if (config.stage === 'adapt') {
    const backbone = backboneWithPaths(config.backbone, renamed);
    return { ...config, backbone, adapt: ofStage('adapt', config.adapt, renamed) };
  }
  const { from } = config;
  const task = taskWithPaths(config.task, renamed);
  const source = from && { from: sourceWithPaths(from, renamed) };
  const placed = { ...config, task, ...source, backbone: backboneWithPaths(config.backbone, renamed) };
  if (placed.stage === 'tune' || !placed.evaluate?.task) return placed;
  const asked = taskWithPaths(placed.evaluate.task, renamed, 'evaluate.task');
  return { ...placed, evaluate: { ...placed.evaluate, task: asked } };
}

function sourceWithPaths(from: Source | AdapterSource, renamed: Renamed): Source | AdapterSource {
  if ('task' in from) return { ...from, task: taskWithPaths(from.task, renamed, 'from.task') };
  const kind = isPromptFile(from.adapter) ? 'prompt' : 'adapter';
  return { adapter: renamed({ knob: 'from.adapter', path: from.adapter, kind, files: [] }) };
}

export function taskWithPaths(task: Task, renamed: Renamed, knob = 'task'): Task {
  if (task.name !== 'mixture') return ofTask(knob, task, renamed);
  const tasks = Object.entries(task.tasks)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, own]) => [name, ofTask(`${knob}.tasks.${name}`, own, renamed)] as const);
  const placed = Object.fromEntries(tasks);
  return { ...task, tasks: Object.fromEntries(Object.keys(task.tasks).map((name) => [name, placed[name]!])) };
}

function ofTask<T extends { name: SingleTask['name'] }>(knob: string, task: T, renamed: Renamed): T;
function ofTask(knob: string, task: SingleTask, renamed: Renamed): SingleTask {
  switch (task.name) {
    case 'wordnet-supersense':
    case 'wordnet-hypernyms':
      return task;
    case 'superglue':
    case 'glue':
    case 'webnlg':
    case 'restaurant8k':
    case 'restaurant8k-questions': {
      const path = renamed({
        knob: `${knob}.path`,
        path: task.path,
        kind: 'data-folder',
        files: dataFolderFiles(task),
      });
      return { ...task, path };
    }
    case 'e2e': {
      const files = dataFolderFiles(task);
      return files.length
        ? { ...task, path: renamed({ knob: `${knob}.path`, path: task.path, kind: 'data-folder', files }) }
        : ofFiles(knob, task, renamed);
    }
    case 'file':
      if (task.kind === 'language') return ofFiles(knob, task, renamed, languageFolderFiles(task));
      return ofVocabulary(knob, ofFiles(knob, task, renamed), renamed);
    case 'tagging':
    case 'dart':
    case 'semantic-roles':
      return ofFiles(knob, task, renamed);
    default:
      return task satisfies never;
  }
}

/** A task whose files are named each, or whose folders are, of which `files` are read. */
function ofFiles<T extends SplitPaths>(
  knob: string,
  task: T,
  renamed: Renamed,
  files: readonly string[] = [],
): T {
  const kind = files.length > 0 ? 'data-folder' : 'data';
  const at = (name: string, path: string) => renamed({ knob: `${knob}.${name}`, path, kind, files });
  const { path, validationPath, testPath } = task;
  return {
    ...task,
    path: at('path', path),
    validationPath: validationPath === null ? null : at('validationPath', validationPath),
    testPath: testPath === null ? null : at('testPath', testPath),
  };
}

/** A cloze file's vocabulary is a file too. */
function ofVocabulary(knob: string, task: FileTask, renamed: Renamed): FileTask {
  if (task.kind !== 'cloze' || task.vocabularyPath === undefined) return task;
  const own = { knob: `${knob}.vocabularyPath`, path: task.vocabularyPath, kind: 'data', files: [] } as const;
  return { ...task, vocabularyPath: renamed(own) };
}

export function backboneWithPaths(backbone: Backbone, renamed: Renamed): Backbone {
  const { folder, pretrain, adapt } = backbone;
  return {
    ...backbone,
    ...(folder !== undefined && {
      folder: renamed({ knob: 'backbone.folder', path: folder, kind: 'model', files: [] }),
    }),
    ...(pretrain && { pretrain: ofStage('backbone.pretrain', pretrain, renamed) }),
    ...(adapt && { adapt: ofStage('backbone.adapt', adapt, renamed) }),
  };
}

function ofStage<S extends { corpus: Corpus; tokenizer?: string }>(
  knob: string,
  stage: S,
  renamed: Renamed,
): S {
  const sources = stage.corpus.sources.map((source, i) => {
    if (typeof source !== 'object') return source;
    return {
      path: renamed({
        knob: `${knob}.corpus.sources[${i}].path`,
        path: source.path,
        kind: 'text',
        files: [],
      }),
    };
  });
  const { tokenizer } = stage;
  const ofFolder = tokenizer !== undefined && isTokenizerFolder(tokenizer);
  return {
    ...stage,
    corpus: { ...stage.corpus, sources },
    ...(ofFolder && {
      tokenizer: renamed({ knob: `${knob}.tokenizer`, path: tokenizer, kind: 'tokenizer', files: [] }),
    }),
  };
}
