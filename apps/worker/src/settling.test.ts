import { Settling } from './settling.js';

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** Something under way, with the means to end it. */
function underWay() {
  let end!: (error?: Error) => void;
  const done = new Promise<void>((resolve, reject) => (end = (error) => (error ? reject(error) : resolve())));
  return { done, end };
}

it('frees a slot at once, and lets it wait where one a slot is settling already', async () => {
  const settling = new Settling(1);
  const said: string[] = [];
  const [first, second] = [underWay(), underWay()];
  const free: number[] = [];
  const add = async (work: Promise<void>, name: number): Promise<void> => {
    await settling.add(work, (line) => said.push(line));
    free.push(name);
  };
  await add(first.done, 1);
  const waits = add(second.done, 2);
  await soon();
  expect(free).toEqual([1]);
  first.end(new Error('no disk'));
  await waits;
  expect([free, said]).toEqual([[1, 2], ['no disk']]);
  const all = settling.all().then(() => free.push(3));
  await soon();
  expect(free).toEqual([1, 2]);
  second.end();
  await all;
  expect(free).toEqual([1, 2, 3]);
});
