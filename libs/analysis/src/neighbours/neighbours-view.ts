import { bare } from '#contracts/bare-token.js';
import type {
  LabelPlaces,
  Near,
  Neighbours,
  NeighboursQuery,
  NeighboursView,
} from '#contracts/neighbours.js';
import { clusters } from './clusters.js';

/** Lester et al. 2021 §7: what the virtual tokens of a prompt are near to, before training and after it, out
 *  of what the trainer kept. Throws a RangeError where fewer than k neighbours were kept. */
export function neighboursView(
  { tokens, labels, related, measures }: Neighbours,
  { k, metric }: NeighboursQuery,
): NeighboursView {
  const { moved, ...all } = measures[metric];
  const kept = Math.min(...[...all.before, ...all.after].map(({ ids }) => ids.length));
  if (k > kept) throw new RangeError(`k is ${k}; expected 1 to ${kept}, as many as the trial kept`);
  const [before, after] = [all.before, all.after].map((found) => found.map((near) => nearest(near, k)));
  const named = ({ ids, values }: Near) =>
    ids.map((id, i) => ({ id, token: tokens[id] ?? `(${id})`, value: values[i]! }));
  const pairs = new Set(
    related.flatMap(([a, b]) => {
      const [first, second] = [a, b].map((id) => bare(tokens[id] ?? ''));
      return [`${first} ${second}`, `${second} ${first}`];
    }),
  );
  const places = { before: labelPlaces(labels, before!), after: labelPlaces(labels, after!) };
  return {
    k,
    metric,
    positions: after!.map((near, position) => ({
      position,
      before: named(before![position]!),
      after: named(near),
      moved: moved[position]!,
      clusters: clusters(
        named(near).map(({ token }) => token),
        (a, b) => pairs.has(`${a} ${b}`),
      ),
    })),
    labels: places,
    found: { before: foundIn(places.before), after: foundIn(places.after) },
    shared: { before: sharing(before!), after: sharing(after!) },
    meanMoved: moved.reduce((sum, d) => sum + d, 0) / moved.length,
  };
}

const nearest = ({ ids, values }: Near, k: number): Near => ({
  ids: ids.slice(0, k),
  values: values.slice(0, k),
});

/** A label is found where any of its tokens is; its rank is that of the nearest of them. */
function labelPlaces(labels: Neighbours['labels'], found: readonly Near[]): LabelPlaces[] {
  return labels.map(({ label, ids: own }) => ({
    label,
    places: found.flatMap(({ ids }, position) => {
      const rank = 1 + ids.findIndex((id) => own.includes(id));
      return rank > 0 ? [{ position, rank }] : [];
    }),
  }));
}

const foundIn = (places: readonly LabelPlaces[]): number => places.filter((p) => p.places.length > 0).length;

/** Groups of positions that have the same neighbours, in any order. */
function sharing(found: readonly Near[]): number[][] {
  const key = ({ ids }: Near) => ids.toSorted((a, b) => a - b).join();
  const groups = new Map<string, number[]>();
  for (const [position, near] of found.entries())
    groups.set(key(near), [...(groups.get(key(near)) ?? []), position]);
  return [...groups.values()].filter((positions) => positions.length > 1);
}
