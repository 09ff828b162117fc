import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { heardWords } from './trainer-words.js';

const noise =
  '[libprotobuf ERROR external/com_google_protobuf/src/google/protobuf/text_format.cc:337] Error parsing text-format ' +
  'tensorflow.XlaSerializedCacheEntry: 1:1: Invalid control characters encountered in text.\n';
const worth = [
  '[libprotobuf ERROR external/com_google_protobuf/src/google/protobuf/text_format.cc:337] Error parsing text-format tensorflow.GraphDef: 1:1',
  'E0000 00:00:1 cuda_driver.cc:1] failed call to cuInit',
  'Error: the loss is no tensor',
];

it('leaves out what is known to mean nothing, and no other line, however the text arrives', async () => {
  const text = `${noise}${worth[0]}\nW0000 00:00:1 x.cc:1] hint\n\n${noise}${noise}${worth[1]}\n${worth[2]}`;
  const stderr = new PassThrough();
  const heard: string[] = [];
  heardWords(stderr, (line) => heard.push(line));
  for (let i = 0; i < text.length; i += 37) stderr.write(text.slice(i, i + 37));
  stderr.end();
  await once(stderr, 'close');
  expect(heard).toEqual(worth);
});
