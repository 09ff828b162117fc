import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Precision } from '#contracts/precision.js';
import type { Provenance } from '#contracts/trainer-messages.js';
import { startEngine } from '#engine/native/start.js';

/** Who computes: with what code, library and device. Starts the engine. */
export async function computerOf(): Promise<Pick<Provenance, 'code' | 'library' | 'device' | 'floatMode'>> {
  const { library, device, floatMode } = await startEngine();
  return { code: version(), library, device, floatMode };
}

/** The same with what was read. */
export async function provenanceOf(read: Read): Promise<Provenance> {
  const { precision, dataHash, backboneHash, inputs } = read;
  return { ...(await computerOf()), precision, dataHash, backboneHash, ...(inputs && { inputs }) };
}

interface Read extends Pick<Provenance, 'dataHash' | 'backboneHash'> {
  precision: Precision;
  inputs: string[] | undefined;
}

/** peftgrid's version, from the nearest package.json above. */
function version(): string {
  for (let folder = __dirname; dirname(folder) !== folder; folder = dirname(folder)) {
    const path = join(folder, 'package.json');
    if (existsSync(path)) return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
  }
  return 'unknown';
}
