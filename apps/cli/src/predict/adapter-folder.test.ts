import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { root } from '../root.js';
import { withAdapterFolder } from './adapter-folder.js';

const fixtures = join(root, 'libs', 'methods', 'src', 'fixtures');
const backbone = join(root, 'libs', 'models', 'src', 'fixtures', 'bert');
const lora = join(fixtures, 'peft', 'bert', 'lora'); // without a head
const prompt = join(fixtures, 'peft-texts', 'bert-prompt');
const withHead = join(fixtures, 'peft-texts', 'bert-lora');
const home = mkdtempSync(join(tmpdir(), 'adapter-folder-'));

type Given = Partial<Parameters<typeof withAdapterFolder>[1]>;

/** The most tokens of a text that the folder's adapter is asked about. */
async function lengthOf(folder: string, given: Given): Promise<number> {
  let length = NaN;
  await withAdapterFolder(folder, { home, ...given }, async ({ task }) => {
    length = 'maxLength' in task ? task.maxLength : NaN;
  });
  return length;
}

beforeAll(() => tf.setBackend('cpu'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const refused: [string, string, Given, RegExp][] = [
  [
    'a backbone that is not here',
    lora,
    {},
    /names the backbone "fixtures\/bert", which is neither a folder here nor known/,
  ],
  ['an encoder without labels', lora, { backbone }, /has no head and names no label words.*give --labels/],
  ['labels that the head lacks', withHead, { backbone, labels: 'a,b' }, /names 2 labels, .* 4 outputs/],
  [
    'tokens to be written by a head',
    withHead,
    { backbone, maxTokens: 5 },
    /--max-tokens is 5, and .*bert-lora writes nothing: .* its head/,
  ],
  [
    'tokens to be written where labels are',
    lora,
    { backbone, labels: 'a,b', maxTokens: 5 },
    /--max-tokens is 5, and .* its label words/,
  ],
  [
    'longer texts than there is room for',
    prompt,
    { backbone, maxLength: 9999 },
    /--max-length is 9999; .* \d+ virtual tokens/,
  ],
];
it.each(refused)('refuses %s', async (_what, folder, given, message) => {
  await expect(lengthOf(folder, given)).rejects.toThrow(message);
});

it('names the config that is no JSON', async () => {
  writeFileSync(join(home, 'adapter_config.json'), '{');
  await expect(lengthOf(home, { backbone })).rejects.toThrow(/adapter_config\.json/);
});

it('cuts texts at what is asked for, or at what the backbone has room for beside virtual tokens', async () => {
  expect(await lengthOf(prompt, { backbone, maxLength: 7 })).toBe(7);
  const plain = await lengthOf(withHead, { backbone });
  expect(plain - (await lengthOf(prompt, { backbone }))).toBeGreaterThan(0);
});
