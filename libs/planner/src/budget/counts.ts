/** What a method trains at a given size, counted from a backbone's shape alone: the same number as its
 *  tensors have in libs/methods. A head, where there is one, comes on top. */
import type { Method, MethodName } from '#contracts/method.js';
import { normNames } from '../unreached.js';
import type { BackboneShape, MapShape } from './backbone-sizes.js';

type Of<N extends MethodName> = Extract<Method, { name: N }>;

interface Sized<N extends MethodName> {
  knob: string & keyof Of<N>; // the size that a budget decides
  most(method: Of<N>, on: BackboneShape): number; // the largest that the method can have there
  count(method: Of<N>, on: BackboneShape): number;
}

const noSize = 'has no size that a budget could decide';

/** By method; a text says why a budget decides nothing. */
export const sized = {
  'prompt-tuning': {
    knob: 'length',
    most: () => longest,
    count: ({ length, place }, { width }) => length * width * (place === 'input' ? 1 : 2),
  },
  'prefix-tuning': {
    knob: 'length',
    most: () => longest,
    count: (method, on) => prefixCount(method, prefixWidths(method, on), on.width),
  },
  'p-tuning-v2': {
    knob: 'length',
    most: () => longest,
    count(method, on) {
      const [first, last] = method.layers ?? [0, on.layers - 1];
      const widths = stacksOf(on).map(() => 2 * (last - first + 1) * on.keyValues);
      return prefixCount(method, widths, on.width);
    },
  },
  lora: lowRank(['query', 'value', 'q', 'v', 'q_proj', 'v_proj'], () => 0),
  dora: lowRank(['query', 'value', 'q', 'v', 'q_proj', 'v_proj'], ({ outputs }) => outputs),
  qlora: lowRank(null, () => 0),
  adalora: {
    knob: 'rank',
    most: ({ targets }, on) => smallestSide(mapsOf(targets, null, on)),
    count: ({ targets, rank }, on) =>
      sum(mapsOf(targets, null, on).map(({ inputs, outputs }) => rank * (inputs + outputs + 1))),
  },
  vera: {
    knob: 'rank',
    most: () => widest,
    count: ({ targets, rank }, on) =>
      sum(
        mapsOf(targets, ['query', 'value', 'q', 'v', 'q_proj', 'v_proj'], on).map(
          ({ outputs }) => outputs + rank,
        ),
      ),
  },
  adapter: {
    knob: 'bottleneck',
    most: () => widest,
    count({ kind, bottleneck, trainNorms }, on) {
      const { width } = on;
      const norms = (trainNorms ?? kind === 'houlsby') ? normNames(on).length : 0;
      return (
        sublayersOf(on, kind === 'houlsby') * (2 * bottleneck * width + bottleneck + width) +
        norms * 2 * width
      );
    },
  },
  'p-tuning': 'trains a prompt encoder, whose width decides most of its parameters',
  mam: 'has two sizes, method.length and method.bottleneck, and a budget decides one',
  unipelt: 'has several sizes, and a budget decides one',
  head: noSize,
  full: noSize,
  bitfit: noSize,
  ia3: noSize,
  'top-layers': 'is sized by whole layers, which are no share to be met',
} as const satisfies { [N in MethodName]: Sized<N> | string };

const longest = 10_000; // virtual tokens; positions are counted where the cell is checked
const widest = 65_536;
const highestRank = 1024;

type LowRank = Pick<Of<'lora'>, 'targets' | 'rank'>;

function lowRank(usual: readonly string[] | null, beside: (map: MapShape) => number) {
  return {
    knob: 'rank' as const,
    most: ({ targets }: LowRank, on: BackboneShape) => smallestSide(mapsOf(targets, usual, on)),
    count: ({ targets, rank }: LowRank, on: BackboneShape) =>
      sum(mapsOf(targets, usual, on).map((map) => rank * (map.inputs + map.outputs) + beside(map))),
  };
}

/** Those whose names end with a target at a dot; `usual`: last parts of the method's own choice, null: all.
 */
function mapsOf(
  targets: readonly string[] | null,
  usual: readonly string[] | null,
  { maps }: BackboneShape,
): MapShape[] {
  const ends = targets ?? usual;
  return maps.filter(({ name }) => !ends || ends.some((end) => `.${name}`.endsWith(`.${end}`)));
}

const smallestSide = (maps: readonly MapShape[]): number =>
  Math.min(highestRank, ...maps.flatMap(({ inputs, outputs }) => [inputs, outputs]));

/** The attentions that have keys and values of their own. */
const stacksOf = ({ family }: BackboneShape): readonly string[] =>
  family === 't5' ? ['encoder', 'decoder', 'cross'] : [family === 'llama' ? 'decoder' : 'encoder'];

/** Trained numbers of one virtual token in each kind of attention. */
function prefixWidths({ places, position, depth }: Of<'prefix-tuning'>, on: BackboneShape): number[] {
  const own = stacksOf(on)
    .filter((stack) => position === 'prefix' || stack !== 'encoder')
    .filter((stack) => !places || (places as readonly string[]).includes(stack));
  if (depth === 'embedding-only') return own.filter((stack) => stack !== 'cross').map(() => on.width);
  return own.map(() => 2 * on.layers * on.keyValues);
}

/** Directly, or through an MLP of width `hidden` for each kind of attention. */
function prefixCount(
  { length, hidden }: { length: number; hidden: number | null },
  widths: readonly number[],
  width: number,
): number {
  if (hidden === null) return sum(widths.map((own) => length * own));
  return sum(widths.map((own) => length * width + hidden * (width + 1) + own * (hidden + 1)));
}

/** Attentions and feed-forwards, or feed-forwards alone. */
function sublayersOf({ family, layers }: BackboneShape, all: boolean): number {
  const stacks = family === 't5' ? 2 : 1;
  return layers * stacks * (all ? 2 : 1) + (all && family === 't5' ? layers : 0);
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
