import type { Backbone, Corpus } from '#contracts/backbone.js';
import { type SingleTask, singleTasks } from '#contracts/task.js';
import type { TrialConfig, TuneConfig } from '#contracts/trial.js';
import { superGlueFiles } from './superglue.js';
import { restaurant8kFiles } from './tagging/restaurant8k.js';

export interface Needed {
  knob: string;
  path: string;
  is: 'file' | 'folder';
}

/** The files and folders that a trial's config names: its task's, its backbone's, and the texts that this is pretrained or adapted on. */
export function neededFiles(config: TrialConfig): Needed[] {
  if (config.stage === 'pretrain') return ofCorpus('pretrain', config.pretrain.corpus);
  if (config.stage === 'adapt') return [...ofBackbone(config.backbone), ...ofCorpus('adapt', config.adapt.corpus)];
  return [...tasksOf(config).flatMap(({ knob, task }) => ofTask(knob, task)), ...ofBackbone(config.backbone)];
}

/** The tasks that a trial's examples come from, its own first, and those of what it starts from. */
export function tasksOf({ task, from }: TuneConfig): ReturnType<typeof singleTasks> {
  return [...singleTasks(task), ...(from ? singleTasks(from.task, 'from.task') : [])];
}

function ofTask(at: string, task: SingleTask): Needed[] {
  if (task.name === 'wordnet-supersense') return [];
  if (task.name === 'superglue') return superGlueFiles(task).map((path) => ({ knob: `${at}.path`, path, is: 'file' }));
  if (task.name === 'restaurant8k') return restaurant8kFiles(task).map((path) => ({ knob: `${at}.path`, path, is: 'file' }));
  return (['path', 'validationPath', 'testPath'] as const).flatMap((knob) => {
    const path = task[knob];
    return path === null ? [] : [{ knob: `${at}.${knob}`, path, is: 'file' as const }];
  });
}

function ofBackbone({ folder, pretrain, adapt }: Backbone): Needed[] {
  return [
    ...(folder === undefined ? [] : [{ knob: 'backbone.folder', path: folder, is: 'folder' as const }]),
    ...(pretrain ? ofCorpus('backbone.pretrain', pretrain.corpus) : []),
    ...(adapt ? ofCorpus('backbone.adapt', adapt.corpus) : []),
  ];
}

function ofCorpus(stage: string, { sources }: Corpus): Needed[] {
  return sources.flatMap((source, i) =>
    typeof source === 'object' ? [{ knob: `${stage}.corpus.sources[${i}].path`, path: source.path, is: 'file' as const }] : [],
  );
}
