import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Provenance } from '#contracts/trainer-messages.js';
import { startEngine } from '#engine/native/start.js';

/** Who computes: with what code, library and device. Starts the engine. */
export async function computerOf(): Promise<Pick<Provenance, 'code' | 'library' | 'device'>> {
  const { library, device } = await startEngine();
  return { code: version(), library, device };
}

/** The same with what was read. */
export async function provenanceOf(read: Read): Promise<Provenance> {
  const { dataHash, backboneHash, inputs } = read;
  return { ...(await computerOf()), dataHash, backboneHash, ...(inputs && { inputs }) };
}

interface Read extends Pick<Provenance, 'dataHash' | 'backboneHash'> {
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
