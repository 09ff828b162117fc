/** Edits between two texts as tercom counts them: insertions, deletions, substitutions and shifts of a block
 *  of words, each 1. The shifts are chosen greedily, within tercom's limits, as sacreBLEU 2.6.0 has them. */

const longestShift = 10; // words
const farthestShift = 50; // words
const beamWidth = 25; // columns on either side of the diagonal
const mostCandidates = 1000; // shifts tried for one pair of texts

const [undefinedOp, same, substituted, inserted, deleted] = [0, 1, 2, 3, 4] as const;

/** The number of edits that turn `said` into `reference`. An empty reference takes one for each word. */
export function editRate(said: readonly string[], reference: readonly string[]): number {
  if (reference.length === 0) return said.length;
  const ids = new Map<string, number>();
  const idOf = (word: string): number => ids.get(word) ?? (ids.set(word, ids.size), ids.size - 1);
  const target = Int32Array.from(reference, idOf);
  let words: Int32Array = Int32Array.from(said, idOf);
  let shifts = 0;
  let tried = 0;
  let table = new EditTable(words.length, target);
  table.fill(words, 0);
  for (;;) {
    const shift = bestShift(words, target, table, tried);
    tried = shift.tried;
    if (tried >= mostCandidates || shift.saved <= 0) return shifts + table.distance;
    shifts++;
    words = shift.words;
    table = new EditTable(words.length, target);
    table.fill(words, 0);
  }
}

/** The table of edit distances between the beginnings of a text and those of the reference, near the diagonal
 *  only. */
class EditTable {
  private readonly columns: number;
  private readonly cost: Int32Array;
  private readonly op: Uint8Array;

  constructor(
    private readonly rows: number,
    private readonly target: Int32Array,
  ) {
    this.columns = target.length + 1;
    this.cost = new Int32Array((rows + 1) * this.columns);
    this.op = new Uint8Array((rows + 1) * this.columns);
    for (let j = 0; j < this.columns; j++) [this.cost[j], this.op[j]] = [j, inserted];
  }

  /** Takes over the rows of the first `count` words. */
  copyRows(from: EditTable, count: number): void {
    const end = (count + 1) * this.columns;
    this.cost.set(from.cost.subarray(0, end));
    this.op.set(from.op.subarray(0, end));
  }

  get distance(): number {
    return this.cost[this.cost.length - 1]!;
  }

  /** Computes the rows of all words from `known` on; those before are kept, and must be of the same words. */
  fill(words: Int32Array, known: number): void {
    const { rows, columns, cost, op, target } = this;
    const ratio = rows > 0 ? target.length / rows : 1;
    const width = beamWidth < ratio / 2 ? Math.ceil(ratio / 2 + beamWidth) : beamWidth;
    for (let i = known + 1; i <= rows; i++) {
      const diagonal = Math.floor(i * ratio);
      const [first, end] = [
        Math.max(0, diagonal - width),
        i === rows ? columns : Math.min(columns, diagonal + width),
      ];
      const row = i * columns;
      const above = row - columns;
      cost.fill(infinite, row, row + columns);
      op.fill(undefinedOp, row, row + columns);
      for (let j = first; j < end; j++) {
        if (j === 0) {
          cost[row] = cost[above]! + 1;
          op[row] = deleted;
          continue;
        }
        const isSame = words[i - 1] === target[j - 1];
        // Of equal costs the first is kept: it decides which words count as aligned.
        let [least, how]: [number, number] = [
          cost[above + j - 1]! + (isSame ? 0 : 1),
          isSame ? same : substituted,
        ];
        if (cost[above + j]! + 1 < least) [least, how] = [cost[above + j]! + 1, deleted];
        if (cost[row + j - 1]! + 1 < least) [least, how] = [cost[row + j - 1]! + 1, inserted];
        if (least < infinite) [cost[row + j], op[row + j]] = [least, how];
      }
    }
  }

  /** Which word each word of the reference stands at, and which words of either are wrong. */
  alignment(): { at: Int32Array; saidWrong: Uint8Array; targetWrong: Uint8Array } {
    const at = new Int32Array(this.target.length);
    const [saidWrong, targetWrong] = [new Uint8Array(this.rows), new Uint8Array(this.target.length)];
    let [i, j] = [this.rows, this.target.length];
    while (i > 0 || j > 0) {
      const how = this.op[i * this.columns + j]!;
      if (how === deleted) {
        saidWrong[--i] = 1;
      } else {
        at[--j] = i - 1;
        targetWrong[j] = how === same ? 0 : 1;
        if (how !== inserted) saidWrong[--i] = how === same ? 0 : 1;
      }
    }
    return { at, saidWrong, targetWrong };
  }
}

const infinite = 1e9;

interface Shift {
  saved: number; // edits that it saves
  words: Int32Array;
  tried: number;
}

/** The shift of a block to where the reference has it that saves most; of equal ones the longest, then the
 *  one that begins first, then the one that goes nearest to the beginning. */
function bestShift(words: Int32Array, target: Int32Array, table: EditTable, tried: number): Shift {
  const { at, saidWrong, targetWrong } = table.alignment();
  const trial = new EditTable(words.length, target);
  let best: { saved: number; length: number; from: number; to: number } | null = null;
  for (const [from, there, length] of blocks(words, target)) {
    if (!hasOne(saidWrong, from, length) || !hasOne(targetWrong, there, length)) continue;
    if (at[there]! >= from && at[there]! < from + length) continue;
    let before = -1;
    for (let offset = -1; offset < length && there + offset < target.length; offset++) {
      const to = there + offset === -1 ? 0 : at[there + offset]! + 1;
      if (to === before) continue;
      before = to;
      const kept = Math.min(from, to); // words that stay where they are
      trial.copyRows(table, kept);
      trial.fill(shifted(words, from, length, to), kept);
      const saved = table.distance - trial.distance;
      tried++;
      const isBetter =
        !best || (saved - best.saved || length - best.length || best.from - from || best.to - to) > 0;
      if (isBetter) best = { saved, length, from, to };
    }
    if (tried >= mostCandidates) break;
  }
  if (!best) return { saved: 0, words, tried };
  return { saved: best.saved, words: shifted(words, best.from, best.length, best.to), tried };
}

const hasOne = (flags: Uint8Array, from: number, length: number): boolean =>
  flags.subarray(from, from + length).includes(1);

/** Equal blocks of both texts as [first word said, first word of the reference, length], every length of
 *  each. */
function* blocks(words: Int32Array, target: Int32Array): Generator<[number, number, number]> {
  for (let i = 0; i < words.length; i++)
    for (let j = Math.max(0, i - farthestShift); j < target.length && j - i <= farthestShift; j++)
      for (
        let length = 0;
        length < longestShift && i + length < words.length && j + length < target.length;
      ) {
        if (words[i + length] !== target[j + length]) break;
        yield [i, j, ++length];
      }
}

/** The words with a block moved so that it stands before what was at `to`; inside the block, it moves by as
 *  much. */
function shifted(words: Int32Array, from: number, length: number, to: number): Int32Array {
  const all = Array.from(words);
  const block = all.splice(from, length);
  all.splice(to <= from ? to : to > from + length ? to - length : to, 0, ...block);
  return Int32Array.from(all);
}
