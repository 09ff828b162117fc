import { peftgridHome } from '#engine/install/library.js';
import { startEngine } from '#engine/native/start.js';
import { describeVerification, verifyBackbone } from '#models/verify-backbone.js';
import { Failure } from '../failure.js';
import { type Common, print, printJson, say } from '../output.js';

interface VerifyFlags extends Common {
  ids?: string; // "5,17,3"
  text?: string;
}

/** `peftgrid backbone verify DIR|NAME [--ids … | --text …]`: family, sizes, tensor check, and what the model
 *  computes for the ids. */
export async function backboneVerify(target: string, { ids, text, json }: VerifyFlags): Promise<void> {
  if (ids !== undefined && text !== undefined) throw new Failure('--ids and --text exclude each other');
  const home = peftgridHome();
  const given = { ...(ids !== undefined && { ids: parsedIds(ids) }), ...(text !== undefined && { text }) };
  await startEngine({ home });
  const found = await verifyBackbone(target, { ...given, home, log: say });
  if (json) printJson(found);
  else print(describeVerification(found));
}

function parsedIds(text: string): number[] {
  const ids = text.split(',').map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : NaN));
  if (ids.some(Number.isNaN))
    throw new Failure(`--ids is "${text}"; expected token ids with commas between, as in 5,17,3`);
  return ids;
}
