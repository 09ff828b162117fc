import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { predictionsFile } from '#contracts/predictions.js';
import { EvaluateConfig } from '#contracts/trial.js';
import { startEngine } from '#engine/native/start.js';
import { withMaskToken } from '#models/fixtures/mask-token.js';
import { fixtureFolder } from '#models/fixtures/reference.js';
import { warmModel } from '../warm/warm-models.js';
import { warmDataset } from '../rows/warm-task.js';
import { checkpointOf, folder, outcomeOf, removeToys, toyConfig, toyMember } from '../fixtures/toy.js';
import { toyTask } from '../fixtures/kinds.js';
import { answerText, chosenShots, writtenShots } from './shots.js';

const prompt = (backbone: string, method: object = {}, { task = {}, seed = 1 } = {}): EvaluateConfig => {
  const toy = toyConfig(backbone, { name: 'bitfit' });
  const own = 'name' in task ? task : { ...toy.task, ...task };
  return EvaluateConfig.parse({
    stage: 'evaluate',
    backbone: toy.backbone,
    task: own,
    method: { name: 'none', ...method },
    seed,
  });
};

async function asked(config: EvaluateConfig) {
  const member = toyMember(config);
  const outcome = await outcomeOf([member]);
  const [verdict] = outcome.verdicts;
  if (verdict?.verdict !== 'succeeded') throw new Error(JSON.stringify(verdict));
  const file = join(checkpointOf(outcome, member, 'predictions'), predictionsFile);
  const lines = gunzipSync(readFileSync(file)).toString().trim().split('\n').slice(1);
  return {
    summary: verdict.summary,
    said: lines.map((line) => (JSON.parse(line) as { said: unknown }).said),
  };
}

const verdictOf = async (config: EvaluateConfig) => (await outcomeOf([toyMember(config)])).verdicts[0];

const shotsOf = (config: EvaluateConfig) => {
  if (config.method.name !== 'none') throw new Error('expected a prompt');
  return chosenShots(warmDataset(config.task), config.method, config.seed);
};

beforeAll(async () => {
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
});
afterAll(removeToys);

describe('a prompt that somebody wrote', () => {
  it.each(['bert', 't5-v1.1', 'gpt2', 'llama'])(
    'by itself is the untouched %s, which trains nothing',
    async (backbone) => {
      const { summary } = await asked(prompt(backbone));
      expect(summary.test['accuracy']).toBe(summary.references['zero-shot']);
      expect(summary).toMatchObject({ steps: 0, trainableParameters: 0 });
    },
  );

  it.each([
    ['gpt2', 1, {}],
    ['llama', 2, {}],
    ['t5-v1.1', 3, {}],
    ['gpt2', 1, toyTask('text')],
    ['llama', 2, toyTask('choice')],
  ])('of examples on %s is their text in front of each text: %i of %j', async (backbone, shots, task) => {
    const separator = ' ';
    const behind = prompt(backbone, { shots, separator }, { task });
    const { labelWords } = warmDataset(behind.task);
    const { tokenizer } = await warmModel(fixtureFolder(backbone));
    const cut = (text: string) => text.slice(0, tokenizer.encodePlaced(text).to[7]);
    const before = writtenShots(shotsOf(behind), { separator, labelWords, cut });
    const { input, ...rest } = behind.task as { input: string };
    const maxLength = 8 + tokenizer.encodePlain(before).length;
    const written = prompt(backbone, {}, { task: { ...rest, maxLength, input: before + input } });
    expect((await asked(behind)).said).toEqual((await asked(written)).said);
  });

  it('stands around an encoder’s mask', async () => {
    const masked = withMaskToken(join(folder, 'masked'));
    const task = { labelWords: { cat: 'cat', dog: 'dog' } };
    const first = await asked(prompt(masked, { template: '{text} a {mask} .' }, { task }));
    const other = await asked(prompt(masked, { template: 'the {mask} on {text}' }, { task }));
    expect(first.said).not.toEqual(other.said);
    expect(first.summary.test['accuracy']).toBeGreaterThanOrEqual(0);
  });

  it.each<[string, EvaluateConfig, RegExp]>([
    ['more examples than there are', prompt('gpt2', { shots: 900 }), /method.shots asks for 900 examples/],
    [
      'examples beyond the positions',
      prompt('gpt2', { shots: 20 }),
      /method.shots: 20 examples .* positions/,
    ],
    [
      'examples for an encoder',
      prompt('bert', { shots: 1 }),
      /method.shots: 1, and an encoder writes nothing/,
    ],
    ['a mask without one', prompt('gpt2', { template: '{text} {mask}' }), /method.template: has \{mask\}/],
    ['a head', prompt('bert', {}, { task: { answer: { by: 'head' } } }), /answered by a head/],
  ])('is refused for good: %s', async (_what, config, message) => {
    expect(await verdictOf(config)).toMatchObject({
      cause: 'invalid',
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('examples in context', () => {
  const ids = (method: object, seed = 1) => shotsOf(prompt('gpt2', method, { seed })).map(({ id }) => id);

  it('are drawn by the seed, of the training split, and ordered by a seed of their own', () => {
    const train = new Set(warmDataset(prompt('gpt2').task).train.map(({ id }) => id));
    const own = ids({ shots: 6 });
    expect(ids({ shots: 6 })).toEqual(own);
    expect(new Set(own).size).toBe(6);
    for (const id of own) expect(train).toContain(id);
    expect(ids({ shots: 6 }, 2).toSorted()).not.toEqual(own.toSorted());
    const other = ids({ shots: 6, order: 9 });
    expect(other).not.toEqual(own);
    expect(other.toSorted()).toEqual(own.toSorted());
  });

  it.each([2, 5, 6])('are balanced: no label of %i has two more than another', (shots) => {
    for (const seed of [1, 2, 3]) {
      const labels = shotsOf(prompt('gpt2', { shots }, { seed })).map(
        ({ answer }) => (answer as { label: number }).label,
      );
      const counts = [0, 1].map((label) => labels.filter((own) => own === label).length);
      expect(Math.abs(counts[0]! - counts[1]!)).toBe(shots % 2);
    }
  });

  it('are drawn as they come where they need not be balanced', () => {
    const chosen = Array.from({ length: 8 }, (_, seed) =>
      shotsOf(prompt('gpt2', { shots: 6, balanced: false }, { seed })).filter(
        ({ answer }) => (answer as { label: number }).label === 0,
      ),
    );
    expect(new Set(chosen.map(({ length }) => length)).size).toBeGreaterThan(1);
  });

  it('say what is right in words', () => {
    const example = (answer: object) =>
      ({ id: '', input: ['why', 'the cat sat'], answer }) as Parameters<typeof answerText>[0];
    expect(answerText(example({ label: 1 }), ['no', 'yes'])).toBe('yes');
    expect(answerText(example({ choices: ['a', 'b'], right: 0 }), [])).toBe('a');
    expect(answerText(example({ references: ['one', 'two'] }), [])).toBe('one');
    expect(answerText(example({ answers: [{ from: 4, to: 7 }] }), [])).toBe('cat');
    expect(answerText(example({ answers: [] }), [])).toBe('unanswerable');
  });
});
