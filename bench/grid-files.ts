import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Precision } from '#contracts/precision.js';
import { HostRandom } from '#engine/host-random.js';
import { methodBackbone } from './method-backbone.js';
import type { FamilyShape } from './method-shapes.js';

/** The ablation that a researcher writes as a loop: prompts of five lengths and three initialisations on a
 *  small T5, each for a few steps. */
export interface GridShape {
  steps: number;
  lengths: readonly number[];
  inits: readonly Init[];
  batch: number;
  source: number; // tokens of a text
  evaluated: number; // examples that each trial is tested on
  rate: number;
}

/** As method.init calls them. */
export type Init = 'random' | 'vocabulary' | 'class-labels';

export const gridShape: GridShape = {
  steps: 30,
  lengths: [1, 5, 20, 100, 150],
  inits: ['random', 'vocabulary', 'class-labels'],
  batch: 8,
  source: 64,
  evaluated: 64,
  rate: 0.3,
};

const t5: FamilyShape = {
  family: 't5',
  vocabulary: 4096,
  dModel: 256,
  dHead: 64,
  heads: 4,
  keyValueHeads: 4,
  layers: 4,
  dFf: 512,
  positions: 0,
  batch: gridShape.batch,
  source: gridShape.source,
  target: 2,
  classes: 2,
};

export interface GridFiles {
  backbone: string; // a folder
  train: string; // JSONL with text and label
  test: string;
}

export const words = { yes: 'a', no: 'b' };

/** A backbone and examples in `folder`, the same each time: texts of letters, most of them longer than what
 *  is read of one. */
export function gridFiles(home: string, folder: string): GridFiles {
  mkdirSync(folder, { recursive: true });
  const random = new HostRandom(1, 'bench grid');
  const example = () => {
    const letters = Array.from({ length: 48 + random.below(64) }, () => 'abcdefgh'[random.below(8)]);
    return JSON.stringify({ text: letters.join(' '), label: random.below(2) ? 'yes' : 'no' });
  };
  const written = (name: string, rows: number): string => {
    const path = join(folder, name);
    writeFileSync(path, Array.from({ length: rows }, example).join('\n'));
    return path;
  };
  return {
    backbone: methodBackbone(home, t5),
    train: written('train.jsonl', 2490),
    test: written('test.jsonl', gridShape.evaluated),
  };
}

/** The grid as a file of peftgrid's, next to the examples. JSON is YAML. */
export function writeGrid(folder: string, files: GridFiles, precision: Precision): string {
  const { steps, lengths, inits, batch, source, rate } = gridShape;
  const grid = {
    name: `bench-grid-${precision}`,
    backbone: { folder: files.backbone },
    task: {
      name: 'file',
      path: files.train,
      validationPath: files.test,
      testPath: files.test,
      input: '{text}',
      label: 'label',
      labelWords: words,
      maxLength: source,
    },
    method: { name: 'prompt-tuning' },
    training: {
      steps,
      batch,
      precision,
      optimizer: { name: 'adamw', learningRate: rate, weightDecay: 1e-5 },
    },
    grid: { 'method.length': lengths, 'method.init': inits },
  };
  const path = join(folder, `grid-${precision}.json`);
  writeFileSync(path, JSON.stringify(grid, null, 2));
  return path;
}
