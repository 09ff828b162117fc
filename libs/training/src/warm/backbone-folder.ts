import type { Backbone } from '#contracts/backbone.js';
import { backboneNames, resolveBackbone } from '#models/backbones.js';
import { InvalidTrial, type TrainHost } from '../signals.js';

/** Where the weights lie that a trial starts from: another trial's checkpoint, a named backbone or a folder
 *  of the user's. */
export async function backboneFolder(
  backbone: Backbone,
  checkpoint: string | null,
  host: TrainHost,
): Promise<string> {
  if (checkpoint) return checkpoint;
  if (backbone.name !== undefined && !backboneNames.includes(backbone.name))
    throw new InvalidTrial(
      `backbone.name "${backbone.name}" is unknown; known are ${backboneNames.join(', ')}`,
    );
  if (backbone.name !== undefined) return (await resolveBackbone(backbone.name, host.home, host.log)).folder;
  if (backbone.folder !== undefined) return backbone.folder;
  throw new InvalidTrial('the checkpoint of the trial that this one builds on is missing');
}
