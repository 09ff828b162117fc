/** What a trial left in its adapter's folder, as something that answers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Method } from '#contracts/method.js';
import type { Model } from '#models/model.js';
import { isWhole, loadAdapter, type LoadedAdapter } from './adapter-files.js';
import { answeringParameters } from './trained-parameters.js';

/** The adapter that a trial of this method left in a folder. Where the method changes the model's own weights
 *  these are read from the model that the folder holds, with the head and the labels of a classifier. The
 *  caller owns the tensors. Throws an Error that names what the folder lacks. */
export async function adapterOfTrial(folder: string, model: Model, method: Method): Promise<LoadedAdapter> {
  if (!isWhole(method)) return loadAdapter(folder, model);
  const path = join(folder, 'config.json');
  const { architectures, id2label = {} } = JSON.parse(readFileSync(path, 'utf8')) as ClassifierConfig;
  const [, of] = /For(Sequence|Token)Classification$/.exec(architectures?.[0] ?? '') ?? [];
  const labels = of ? Object.values(id2label) : [];
  const head = of ? ({ of: of === 'Token' ? 'tokens' : 'text', outputs: labels.length } as const) : null;
  const parameters = await answeringParameters(folder, model, { config: method, head });
  return { config: method, parameters, head, ...(head && { labels: { words: labels } }) };
}

interface ClassifierConfig {
  architectures?: string[] | null;
  id2label?: Record<string, string>;
}
