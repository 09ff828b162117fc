import { join } from 'node:path';
import { families } from '#contracts/family.js';
import { trainsHead } from '#contracts/method.js';
import { kindOf } from '#contracts/task.js';
import { peftgridHome } from '#engine/install/library.js';
import { backboneAtHand } from '#models/backbones.js';
import { labelWordIssue } from '#models/label-words.js';
import { loadTokenizer } from '#models/tokenizer-json.js';
import { isThere } from '#models/weights/regular-file.js';
import type { ResolvedCell } from '#planner/planned.js';
import { type Answers, dataKey, type DataIssue } from '#tasks/check/data-issues.js';
import { tasksOf } from '#tasks/check/needed-files.js';
import { familyOf } from './backbone-issues.js';

type Reader = Parameters<typeof labelWordIssue>[0];

/** Label words that a cell's backbone can't answer by, of backbones whose tokenizer is on this machine; of
 *  others the trainer says it. */
export function labelWordIssues(
  cells: readonly ResolvedCell[],
  answers: readonly Answers<ResolvedCell>[],
): DataIssue<ResolvedCell>[] {
  const known = new Map(answers.map((own) => [own.data, own]));
  const readers = new Map<string, Reader | null>();
  const issues = new Map<string, DataIssue<ResolvedCell>>();
  const asked = new Set<string>();
  for (const cell of cells) {
    const { config } = cell;
    if (config.stage !== 'tune' && config.stage !== 'evaluate') continue;
    if (kindOf(config.task) !== 'class') continue;
    if (trainsHead(config.method) || config.task.answer.by === 'head') continue;
    const folder = folderOf(config.backbone);
    if (folder === null) continue;
    for (const { knob, task } of tasksOf(config)) {
      const data = dataKey(task);
      const own = known.get(data);
      const key = JSON.stringify([cell.grid, knob, folder, task.answer.by, data]);
      if (!own || asked.has(key)) continue;
      asked.add(key);
      if (!readers.has(folder)) readers.set(folder, readerOf(folder));
      const reader = readers.get(folder);
      if (!reader) continue;
      try {
        const message = labelWordIssue(reader, own, task.answer.by);
        if (message)
          issues.set(JSON.stringify([cell.grid, knob, message]), {
            cell,
            knob: `${knob}.labelWords`,
            message,
          });
      } catch (error) {
        readers.set(folder, null); // its patterns take too long: asked once
        const message = error instanceof Error ? error.message : String(error);
        const source = config.backbone.name === undefined ? 'backbone.folder' : 'backbone.name';
        issues.set(JSON.stringify([cell.grid, folder]), { cell, knob: source, message });
      }
    }
  }
  return [...issues.values()];
}

const folderOf = ({
  name,
  folder,
}: {
  name?: string | undefined;
  folder?: string | undefined;
}): string | null => (name === undefined ? (folder ?? null) : backboneAtHand(name, peftgridHome()));

/** null where a folder is none of a model: what is wrong with it is said elsewhere. */
function readerOf(folder: string): Reader | null {
  try {
    return { tokenizer: loadTokenizer(folder), kind: modelKindOf(folder) };
  } catch {
    return null;
  }
}

function modelKindOf(folder: string): Reader['kind'] {
  if (!isThere(join(folder, 'config.json'))) return 'decoder'; // a GGUF file
  const family = familyOf(folder);
  if (family === null) throw new Error(`${folder} has no model of a known family`);
  return families[family].kind;
}
