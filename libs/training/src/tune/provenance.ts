import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Provenance } from '#contracts/trainer-messages.js';
import { startEngine } from '#engine/native/start.js';

/** Who computes: with what code, library and device, on what data from which backbone. */
export async function provenanceOf(dataHash: string, backboneHash: string): Promise<Provenance> {
  const { library, device } = await startEngine();
  return { code: version(), library, device, dataHash, backboneHash };
}

/** peftgrid's version, from the nearest package.json above. */
function version(): string {
  for (let folder = __dirname; dirname(folder) !== folder; folder = dirname(folder)) {
    const path = join(folder, 'package.json');
    if (existsSync(path)) return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
  }
  return 'unknown';
}
