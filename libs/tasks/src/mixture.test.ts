import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Task } from '#contracts/task.js';
import type { Mixture } from '#contracts/tasks/mixture.js';
import { TuneConfig } from '#contracts/trial.js';
import { dataIssues } from './check/data-issues.js';
import { scoresOf } from './dataset.js';
import { labelsSaid, ofKind, tagsSaid } from './fixtures/answers.js';
import { loadTask } from './load-task.js';
import { sharesOf } from './mixture.js';

const folder = mkdtempSync(join(tmpdir(), 'mixture-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, labels: readonly string[], rows: number) => {
  const path = join(folder, `${name}.jsonl`);
  const lines = Array.from({ length: rows }, (_, i) =>
    JSON.stringify({ text: `${name} ${i}`, y: labels[i % labels.length] }),
  );
  writeFileSync(path, lines.join('\n'));
  return { name: 'file', path, input: '{text}', label: 'y' };
};
const moods = file('moods', ['bad', 'good'], 60);
const pets = file('pets', ['bird', 'cat', 'dog'], 90);
const answers = file('answers', ['bad', 'fine'], 50);
const mixed = (tasks: object, more: object = {}) => Task.parse({ name: 'mixture', tasks, ...more });

async function issueOf(tasks: object) {
  const config = TuneConfig.parse({
    stage: 'tune',
    backbone: { name: 'minilm-l6' },
    task: mixed(tasks),
    method: { name: 'head' },
  });
  return (await dataIssues([{ grid: 'g', config }], { elsewhere: false, largest: 1e6 })).refusals[0];
}

describe('a mixture', () => {
  const whole = ofKind('class', loadTask(mixed({ pets, moods })));
  const [first, second] = whole.tasks!;

  it('has the tasks one after the other, in the order of their names, with their own labels', () => {
    expect(whole.tasks!.map((p) => p.name)).toEqual(['moods', 'pets']);
    expect(whole.labels).toEqual(['moods/bad', 'moods/good', 'pets/bird', 'pets/cat', 'pets/dog']);
    expect(whole.labelWords).toEqual(['bad', 'good', 'bird', 'cat', 'dog']);
    expect(whole.train).toHaveLength(first!.dataset.train.length + second!.dataset.train.length);
    for (const { part, answer, id, input } of whole.train) {
      const { name, dataset, labels } = whole.tasks![part!]!;
      const alone = dataset.train.find((e) => `${name}/${e.id}` === id)!;
      expect({ input, label: answer.label - labels.from }).toEqual({
        input: alone.input,
        label: alone.answer.label,
      });
    }
  });

  it('is the same whatever the order of its tasks in the file, and another with other shares', () => {
    expect(loadTask(mixed({ moods, pets })).hash).toBe(whole.hash);
    expect(loadTask(mixed({ moods, pets }, { mixing: 'equal' })).hash).not.toBe(whole.hash);
    expect(loadTask(mixed({ moods, pets: { ...pets, train: 10 } })).hash).not.toBe(whole.hash);
  });

  it("scores each task as it is scored alone, and means over tasks; another task's class is wrong", () => {
    const predictions = whole.test.map(({ answer }, i) => (i % 4 === 0 ? 0 : answer.label));
    const scores = scoresOf(whole, 'test', { said: labelsSaid(predictions) });
    const own = whole.tasks!.map(({ dataset, labels }, p) => {
      const said = predictions.filter((_, i) => whole.test[i]!.part === p);
      return scoresOf(dataset, 'test', {
        said: labelsSaid(said.map((c) => (c >= labels.from && c < labels.to ? c - labels.from : -1))),
      });
    });
    expect(scores).toEqual({
      accuracy: (own[0]!['accuracy']! + own[1]!['accuracy']!) / 2,
      f1: (own[0]!['f1']! + own[1]!['f1']!) / 2,
      'moods/accuracy': own[0]!['accuracy'],
      'moods/f1': own[0]!['f1'],
      'pets/accuracy': own[1]!['accuracy'],
      'pets/f1': own[1]!['f1'],
    });
    expect(own[1]!['accuracy']).toBeLessThan(1);
    expect([whole.validateBy, whole.reportBy]).toEqual(['accuracy', 'accuracy']);
    expect(() => scoresOf(whole, 'test', { said: labelsSaid(predictions.slice(1)) })).toThrow(/answers for/);
  });

  it('takes a decoded word that two tasks have as the own task means it', () => {
    const both = ofKind('class', loadTask(mixed({ answers, moods }))); // bad, fine; bad, good
    expect(both.labelWords).toEqual(['bad', 'fine', 'bad', 'good']);
    const decoded = both.test.map(({ answer }) => both.labelWords.indexOf(both.labelWords[answer.label]!));
    expect(scoresOf(both, 'test', { said: labelsSaid(decoded) })).toMatchObject({
      'answers/accuracy': 1,
      'moods/accuracy': 1,
    });
    expect(scoresOf(both, 'test', { said: labelsSaid(both.test.map(() => -1)) })).toMatchObject({
      accuracy: 0,
    });
  });

  it('mixes tags with their spans', () => {
    const tags = (name: string, type: string) => {
      const path = join(folder, `${name}.jsonl`);
      const row = (i: number) =>
        JSON.stringify({ tokens: ['a', `b${i}`], tags: [`B-${type}`, i % 2 ? `I-${type}` : 'O'] });
      writeFileSync(path, Array.from({ length: 60 }, (_, i) => row(i)).join('\n'));
      return { name: 'tagging', path };
    };
    const both = ofKind(
      'tags',
      loadTask(mixed({ people: tags('people', 'PER'), places: tags('places', 'LOC') })),
    );
    expect([both.validateBy, both.reportBy]).toEqual(['f1', 'f1']);
    const right = both.test.flatMap((e) => e.answer.tags);
    expect(scoresOf(both, 'test', { said: tagsSaid(both.test, right) })).toMatchObject({
      f1: 1,
      'people/f1': 1,
      'places/f1': 1,
      'people/tokenAccuracy': 1,
    });
    const config = mixed({
      people: tags('people', 'PER'),
      words: { ...tags('words', 'X'), scheme: 'plain' },
    });
    expect(loadTask(config).validateBy).toBe('mean-score'); // spans and plain tags select by other metrics
    const halves = right.map((tag, i) => (i < right.length / 2 ? tag : -1));
    expect(scoresOf(both, 'test', { said: tagsSaid(both.test, halves) })['f1']).toBeLessThan(1);
  });

  it.each([
    [{ moods: { ...moods, train: 900 }, pets }, /^task\.tasks\.moods\.train asks for 900 examples/],
    [
      { moods: { ...file('task', ['a', 'b'], 20), train: 900 }, pets },
      /^task\.tasks\.moods\.train asks for 900/,
    ],
    [{ moods: { ...moods, label: 'z' }, pets }, /no column "z", which task\.tasks\.moods\.label names/],
  ])('names the task that is wrong', async (tasks, message) => {
    expect(() => loadTask(mixed(tasks))).toThrow(message);
    const issue = await issueOf(tasks);
    expect(issue).toMatchObject({
      knob: 'task.tasks.moods',
      message: expect.stringMatching(message) as string,
    });
  });

  it('has its missing files named when it is submitted', async () => {
    const tasks = { moods: { ...moods, path: join(folder, 'lost.jsonl') }, pets };
    const issue = await issueOf(tasks);
    expect(issue).toMatchObject({
      knob: 'task.tasks.moods.path',
      message: expect.stringContaining('does not exist') as string,
    });
  });

  it.each([
    [{ tasks: { moods } }, 'expected two tasks or more'],
    [{ tasks: { moods, 'a b': pets } }, 'expected a name of letters'],
    [{ tasks: { moods, tags: { name: 'restaurant8k', path: 'r' } } }, 'some tag words and some label texts'],
    [{ tasks: { moods, pets }, mixing: 'equal', limit: 10 }, 'neither limit nor temperature'],
    [{ tasks: { moods, pets: { ...pets, maxLength: 9 } } }, 'maxLength'],
    [{ tasks: { moods, more: { name: 'mixture', tasks: { moods, pets } } } }, 'name'],
  ])('is refused as %j', (task, message) => {
    const { success, error } = Task.safeParse({ name: 'mixture', ...task });
    expect(success).toBe(false);
    expect(JSON.stringify(error!.issues)).toContain(message);
  });
});

describe("tasks' shares", () => {
  const shares = (sizes: number[], mixing: Partial<Mixture> = {}) =>
    sharesOf(sizes, { mixing: 'proportional', limit: null, temperature: 1, ...mixing });

  it('are all their examples, or so many at most', () => {
    expect(shares([1000, 100, 7])).toEqual([1000, 100, 7]);
    expect(shares([1000, 100, 7], { limit: 50 })).toEqual([50, 50, 7]);
  });

  it('are nearer to equal at higher temperatures (Raffel et al. 2020 §3.5.2), and equal', () => {
    const [a, b] = [Math.sqrt(900), Math.sqrt(100)];
    expect(shares([900, 100], { temperature: 2 })).toEqual([(1000 * a) / (a + b), (1000 * b) / (a + b)]);
    expect(shares([900, 100], { mixing: 'equal' })).toEqual([500, 500]);
    expect(shares([1e6, 1])[1]).toBe(1);
  });
});
