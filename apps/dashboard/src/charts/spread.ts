/** Places for labels at least `gap` apart, each as near its value as the others let it. In the order of
 *  `values`. */
export function spread(values: readonly number[], gap: number): number[] {
  const order = values.map((value, i) => ({ value, i })).toSorted((a, b) => a.value - b.value);
  // Runs of labels that touch, each centred on the mean of what its members want.
  const runs: { members: number[]; wants: number[]; start: number }[] = [];
  for (const { value, i } of order) {
    runs.push({ members: [i], wants: [value], start: value });
    for (
      let last = runs.at(-1)!, before = runs.at(-2);
      before && before.start + before.members.length * gap > last.start;
      before = runs.at(-2)
    ) {
      runs.splice(-2, 2, (last = joined(before, last, gap)));
    }
  }
  const places = new Array<number>(values.length);
  for (const { members, start } of runs) members.forEach((i, place) => (places[i] = start + place * gap));
  return places;
}

function joined(
  a: { members: number[]; wants: number[] },
  b: { members: number[]; wants: number[] },
  gap: number,
) {
  const members = [...a.members, ...b.members];
  const wants = [...a.wants, ...b.wants];
  const offset = wants.reduce((sum, want, place) => sum + want - place * gap, 0) / wants.length;
  return { members, wants, start: offset };
}
