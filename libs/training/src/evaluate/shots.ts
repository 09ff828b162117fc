/** Examples of the training split as a prompt shows them (in-context learning, Brown et al. 2020 §2). */
import type { NoMethod } from '#contracts/methods/none.js';
import { HostRandom } from '#engine/host-random.js';
import type { Dataset } from '#tasks/dataset.js';
import { type Answers, type Example, joined } from '#tasks/example.js';

type Asked = Pick<NoMethod, 'shots' | 'balanced' | 'order'>;

/** The chosen training examples in the order in which they stand. `seed` draws them, and orders them unless
 *  `order` does. Balanced ones are of each label in turn, labels in a drawn order, so that no label has two
 *  more than another. Throws where there are too few. */
export function chosenShots(dataset: Dataset, { shots, balanced, order }: Asked, seed: number): Example[] {
  const { train, kind } = dataset;
  if (shots > train.length)
    throw new Error(`method.shots asks for ${shots} examples, and the training split has ${train.length}`);
  const drawn = [...new HostRandom(seed, 'shots').permutation(train.length)].map((i) => train[i]!);
  const chosen =
    balanced && kind === 'class'
      ? balancedOf(drawn as Example<'class'>[], dataset.labels, { shots, seed })
      : drawn.slice(0, shots);
  return [...new HostRandom(order ?? seed, 'order of shots').permutation(shots)].map((i) => chosen[i]!);
}

function balancedOf(
  drawn: readonly Example<'class'>[],
  labels: readonly string[],
  { shots, seed }: { shots: number; seed: number },
): Example[] {
  const turns = [...new HostRandom(seed, 'labels of shots').permutation(labels.length)];
  return Array.from({ length: shots }, (_, k) => {
    const label = turns[k % turns.length]!;
    const round = Math.floor(k / turns.length);
    const found = drawn.filter(({ answer }) => answer.label === label)[round];
    if (found) return found;
    throw new Error(
      `method.balanced asks for ${round + 1} examples of the label "${labels[label]}", and the training split has ${round}; set it to false, or ask for fewer`,
    );
  });
}

/** What stands in front of a text: each example with its answer behind a space, and the separator. A text
 *  keeps as many tokens as a text that is asked. Empty without examples. */
export function writtenShots(
  shots: readonly Example[],
  {
    separator,
    labelWords,
    cut,
  }: { separator: string; labelWords: readonly string[]; cut(text: string): string },
): string {
  const written = shots.map(
    (example) => `${cut(joined(example.input)).trimEnd()} ${answerText(example, labelWords)}${separator}`,
  );
  return written.join('');
}

/** What a model would have to write. An answer tells its kind by its fields. */
export function answerText({ input, answer }: Example, labelWords: readonly string[]): string {
  const own = answer as Partial<Answers['class'] & Answers['choice'] & Answers['span'] & Answers['text']>;
  if (own.label !== undefined) return labelWords[own.label]!;
  if (own.choices && own.right !== undefined) return own.choices[own.right]!;
  if (own.references) return own.references[0]!;
  if (own.answers) {
    const [first] = own.answers;
    return first ? input.at(-1)!.slice(first.from, first.to) : 'unanswerable';
  }
  throw new Error('such an answer can not be written behind a text');
}
