/** What a prompt is near to, as people read it. */
import type { Closeness, LabelPlaces, NeighboursView } from '#contracts/neighbours.js';

type Position = NeighboursView['positions'][number];

export interface PositionText {
  position: string;
  before: string; // "act 1.00, acts 0.83": tokens with cosine, dot product or distance
  after: string;
  moved: string;
  alike: string; // "act, acts (string)"
}

export function positionText({ position, before, after, moved, clusters }: Position): PositionText {
  const named = (near: Position['before']) =>
    near.map(({ token, value }) => `${token} ${numberText(value)}`).join(', ');
  return {
    position: String(position),
    before: named(before),
    after: named(after),
    moved: numberText(moved),
    alike: clusters.map(({ words, by }) => `${words.join(', ')} (${by.join(', ')})`).join('; '),
  };
}

/** What the whole prompt amounts to, a sentence each. */
export function neighboursRemarks(view: NeighboursView): string[] {
  const { k, metric, labels, found, shared, meanMoved } = view;
  const all = labels.after.length;
  const among = `of ${all} labels are among the ${k} nearest of any position`;
  return [
    ...(all === 0
      ? ['the task has no labels']
      : [
          `${found.after} ${among} after training${placesText(labels.after)}`,
          `${found.before} before training${placesText(labels.before)}`,
        ]),
    `positions that share their ${k} nearest after training: ${groupsText(shared.after)}; before: ${groupsText(shared.before)}`,
    `mean ${distanceNames[metric]} to the initial token: ${numberText(meanMoved)}`,
  ];
}

export const distanceNames: Record<Closeness, string> = {
  cosine: 'cosine distance',
  dot: 'negative dot product',
  euclidean: 'euclidean distance',
};

const mostPlaces = 6; // of one label

/** ": animal at 0 (1st) and 4 (3rd)", a position with the rank that it has there. */
function placesText(labels: readonly LabelPlaces[]): string {
  const found = labels.filter(({ places }) => places.length > 0);
  if (found.length === 0) return '';
  const text = found.map(({ label, places }) => {
    const shown = places.slice(0, mostPlaces).map(({ position, rank }) => `${position} (rank ${rank})`);
    const more = places.length - shown.length;
    return `${label} at ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  });
  return `: ${text.join('; ')}`;
}

const groupsText = (groups: readonly number[][]): string =>
  groups.length ? groups.map((positions) => positions.join(' = ')).join('; ') : 'none';

function numberText(value: number): string {
  if (Math.abs(value) >= 1e4) return value.toExponential(1);
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2);
}
