import { type Cluster, clusters } from './clusters.js';
import { type Closeness, distances, nearest, type Neighbour, type Vectors } from './nearest.js';

/** What is looked at. All vectors are of the width of the embeddings. */
export interface Prompt {
  before: Vectors; // the virtual tokens where training began, one a row
  after: Vectors; // where it ended
  embeddings: Vectors; // of the vocabulary
  token(id: number): string; // as the vocabulary writes it
  labels: ReadonlyMap<string, readonly number[]>; // the tokens of each label word
}

export interface Looking {
  k: number;
  by: Closeness;
  without?: ReadonlySet<number>; // tokens that are no neighbours: special ones, unused ones
  related?: (a: string, b: string) => boolean; // in WordNet
}

export interface NamedNeighbour extends Neighbour {
  token: string;
}

export interface Position {
  position: number;
  before: NamedNeighbour[];
  after: NamedNeighbour[];
  moved: number; // the distance from where it began
  clusters: Cluster[]; // among its neighbours after training
}

export interface LabelPlace {
  label: string;
  places: { position: number; rank: number }[]; // rank 1: the nearest; by position
}

export interface PromptNeighbours {
  k: number;
  by: Closeness;
  positions: Position[];
  labels: { before: LabelPlace[]; after: LabelPlace[] };
  found: { before: number; after: number }; // labels that are among the nearest of any position
  // groups of positions with the same k neighbours, in any order
  shared: { before: number[][]; after: number[][] };
  meanMoved: number;
}

/** Lester et al. 2021 §7: what the virtual tokens of a prompt are near to, before training and after it.
 *  Throws where shapes differ, or where k is more than there are candidates. */
export function promptNeighbours(prompt: Prompt, { k, by, without, related }: Looking): PromptNeighbours {
  const { embeddings, token, labels } = prompt;
  const moved = distances(prompt.before, prompt.after, by);
  const near = (vectors: Vectors) => nearest(vectors, embeddings, { k, by, ...(without && { without }) });
  const [before, after] = [near(prompt.before), near(prompt.after)];
  const named = (found: Neighbour[]) => found.map((n) => ({ ...n, token: token(n.id) }));
  const places = { before: labelPlaces(labels, before), after: labelPlaces(labels, after) };
  return {
    k,
    by,
    positions: after.map((found, position) => ({
      position,
      before: named(before[position]!),
      after: named(found),
      moved: moved[position]!,
      clusters: clusters(
        found.map((n) => token(n.id)),
        related,
      ),
    })),
    labels: places,
    found: { before: foundIn(places.before), after: foundIn(places.after) },
    shared: { before: sharing(before), after: sharing(after) },
    meanMoved: moved.reduce((sum, d) => sum + d, 0) / moved.length,
  };
}

/** A label is found where any of its tokens is; its rank is that of the nearest of them. */
function labelPlaces(
  labels: ReadonlyMap<string, readonly number[]>,
  found: readonly Neighbour[][],
): LabelPlace[] {
  return [...labels].map(([label, tokens]) => ({
    label,
    places: found.flatMap((neighbours, position) => {
      const rank = 1 + neighbours.findIndex((n) => tokens.includes(n.id));
      return rank > 0 ? [{ position, rank }] : [];
    }),
  }));
}

const foundIn = (places: readonly LabelPlace[]): number => places.filter((p) => p.places.length > 0).length;

function sharing(found: readonly Neighbour[][]): number[][] {
  const key = (position: number) =>
    found[position]!.map((n) => n.id)
      .toSorted((a, b) => a - b)
      .join();
  const groups = new Map<string, number[]>();
  for (const position of found.keys())
    groups.set(key(position), [...(groups.get(key(position)) ?? []), position]);
  return [...groups.values()].filter((positions) => positions.length > 1);
}
