import { peftFacts, promptFacts } from '#contracts/adapter-input.js';
import { adapterIssues, adapterRefusals } from './adapter-issues.js';
import type { Input } from '#contracts/input.js';
import { expandingCells, planning } from './expand.js';
import { issuesOf, plan } from './fixtures/grids.js';
import { parseGridFile } from './parse-grid-file.js';

const grid = (more: string) => `
name: g
backbone: { name: minilm-l6 }
task: { name: wordnet-supersense }
${more}`;
const tuned = (more: string) => {
  const { config } = plan(grid(more)).cells[0]!;
  if (config.stage !== 'tune') throw new Error(config.stage);
  return config;
};
const prompt = 'method: { name: prompt-tuning, length: 10 }\nfrom: { adapter: a.npy }';

it.each([
  [prompt, promptFacts([10, 384]), []],
  [
    prompt,
    promptFacts([100, 384]),
    ['method.length: 10, and from.adapter has 100 virtual tokens; expected 100'],
  ],
  [
    prompt,
    promptFacts([10, 768]),
    ['from.adapter: has virtual tokens of width 768, and minilm-l6 has embeddings of 384'],
  ],
  [
    'method: { name: lora, rank: 4 }\nfrom: { adapter: a }',
    peftFacts('{"peft_type": "LORA", "r": 8}'),
    ['method.rank: 4, and from.adapter is of rank 8'],
  ],
  [
    prompt,
    peftFacts('{"peft_type": "IA3"}'),
    ['from.adapter: is peft_type "IA3", which is of method ia3, and method.name is "prompt-tuning"'],
  ],
  [
    prompt,
    peftFacts('{"peft_type": "LOHA"}'),
    [
      'from.adapter: is peft_type "LOHA", which is of a method that is not known here, and method.name is "prompt-tuning"',
    ],
  ],
  [prompt, peftFacts('{"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 10, "token_dim": 384}'), []],
])('%s with %j: %j', (more, facts, issues) => {
  expect(adapterIssues(tuned(more), facts).map(({ path, message }) => `${path}: ${message}`)).toEqual(issues);
});

it('asks once what an adapter is, and says nothing of one that is not at hand', async () => {
  const { cells } = plan(grid(`${prompt}\ngrid: { seed: [1, 2] }`));
  const asked: string[] = [];
  const found = await adapterRefusals(cells, async (path) => (asked.push(path), null));
  expect([found, asked]).toEqual([[], ['a.npy']]);
  const broken = await adapterRefusals(cells, () => Promise.reject(new Error('a.npy: its header is cut')));
  expect(broken.map(({ knob, message }) => `${knob}: ${message}`)).toEqual(
    Array.from({ length: 2 }, () => 'from.adapter: a.npy: its header is cut'),
  );
});

it.each([
  [
    'method: { name: lora }\ntraining: { steps: 0 }',
    ['training.steps: 0: expected 1 or more, or from.adapter, which is then evaluated as it is'],
  ],
  [
    'method: { name: head }\nfrom: { adapter: a }',
    [expect.stringContaining('from: a head belongs to its task')],
  ],
  [
    'method: { name: lora }\nfrom: { adapter: a, task: { name: wordnet-supersense } }',
    [expect.stringMatching(/from.task: no such knob/)],
  ],
  [
    'method: { name: lora }\nfrom: { adapter: 3 }',
    [expect.stringMatching(/from.adapter: 3: expected a text/)],
  ],
])('%s: %j', (more, issues) => {
  expect(
    issuesOf(grid(more)).map(({ path, message }) => `${path.replace('grids[0].', '')}: ${message}`),
  ).toEqual(issues);
});

it('has another key with another content, and the same with another path', () => {
  const inputs = (path: string, hash: string): Input[] => [
    { path, kind: 'prompt', files: [{ path: 'a.npy', hash: hash.repeat(64), bytes: 1 }] },
  ];
  const keyOf = (path: string, hash: string) => {
    const text = grid(`${prompt.replace('a.npy', path)}\ntraining: { steps: 0 }`);
    const resolved = ended(expandingCells(parseGridFile(text)));
    return ended(planning(resolved, inputs(path, hash))).trials[0]!.key;
  };
  expect(keyOf('x/a.npy', '1')).toBe(keyOf('y/a.npy', '1'));
  expect(keyOf('x/a.npy', '1')).not.toBe(keyOf('x/a.npy', '2'));
});

function ended<R>(work: Generator<void, R>): R {
  for (;;) {
    const piece = work.next();
    if (piece.done) return piece.value;
  }
}
