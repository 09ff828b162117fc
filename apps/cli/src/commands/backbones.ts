import { peftgridHome } from '#engine/install/library.js';
import { backboneFacts } from '#models/backbones.js';
import { listBackbones } from '#models/list-backbones.js';
import { type Common, print, printJson } from '../output.js';

/** `peftgrid backbones`: what there is by name, with size, licence, source and hash. Needs no server and no
 *  engine. */
export function backbones({ json }: Common): void {
  const home = peftgridHome();
  if (json) printJson(backboneFacts(home));
  else print(listBackbones(home));
}
