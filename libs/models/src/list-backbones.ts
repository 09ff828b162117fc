import { type BackboneFacts, backboneFacts } from './backbones.js';

/** What `peftgrid backbones` prints: one block a backbone, for reading; `--json` prints backboneFacts. */
export function listBackbones(home: string): string {
  return backboneFacts(home).map(described).join('\n\n');
}

function described({ name, licence, source, weights, bytes, sha256, folder }: BackboneFacts): string {
  const size = bytes === null ? 'not there' : `${(bytes / 1e6).toFixed(1)} MB`;
  return [
    `${name}  ${size}  ${licence}`,
    `  from    ${source}`,
    `  sha256  ${sha256 ?? 'unknown'}  ${weights}`,
    `  folder  ${folder ?? 'not fetched yet: it is when first used'}`,
  ].join('\n');
}
