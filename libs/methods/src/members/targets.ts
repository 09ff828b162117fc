import type { Model } from '#models/model.js';
import type { LinearMap } from '#models/modules.js';

/** The linear maps whose names end with one of `targets` at a dot ("query", "attention.output.dense"), or
 *  else those of the given roles. Throws an Error naming the knob where a target is no end of any map's name,
 *  or where the model has no such map. */
export function targetMaps(
  model: Model,
  targets: readonly string[] | null,
  roles: readonly LinearMap['role'][],
): LinearMap[] {
  const maps = model.modules.linears;
  if (targets === null) {
    const found = maps.filter((m) => roles.includes(m.role));
    if (found.length === 0)
      throw new Error(
        `the model has no linear map that is ${roles.join(' or ')}; name some in method.targets`,
      );
    return found;
  }
  const ends = (map: LinearMap, target: string) => `.${map.name}`.endsWith(`.${target}`);
  const lost = targets.find((target) => !maps.some((m) => ends(m, target)));
  if (lost !== undefined) {
    const known = [...new Set(maps.map((m) => m.name.split('.').slice(-1)[0]!))].join(', ');
    throw new Error(
      `method.targets names "${lost}", and no linear map of the model ends so; the last parts of their names are ${known}`,
    );
  }
  return maps.filter((map) => targets.some((target) => ends(map, target)));
}
