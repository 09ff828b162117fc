import type { PredictionsView } from '#contracts/predictions.js';

const mostLabels = 40; // down and across: more are no picture

type Counts = NonNullable<PredictionsView['confusion']>;

/** How often a label was said (across) where one was right (down). Labels that are neither are left out, and
 *  of many those that are confused least. */
export function ConfusionMatrix({ labels, counts }: { labels: readonly string[]; counts: Counts }) {
  const rights = shownOf(counts);
  const saids: (number | null)[] = [...rights, ...(counts.some(({ said }) => said === null) ? [null] : [])];
  const of = new Map(counts.map(({ right, said, count }) => [`${right} ${said}`, count]));
  const name = (label: number | null) => (label === null ? '(no label)' : labels[label]);
  const totals = new Map(rights.map((right) => [right, sum(counts.filter((c) => c.right === right))]));
  const all = new Set(counts.flatMap(({ right, said }) => (said === null ? [right] : [right, said]))).size;
  return (
    <>
      <div className="scroll confusion" tabIndex={0} role="group" aria-label="confusion matrix">
        <table>
          <caption>Confusion: right down, said across</caption>
          <thead>
            <tr>
              <th scope="col">right \ said</th>
              {saids.map((said) => (
                <th key={String(said)} scope="col">
                  {name(said)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rights.map((right) => (
              <tr key={right}>
                <th scope="row">{name(right)}</th>
                {saids.map((said) => {
                  const count = of.get(`${right} ${said}`) ?? 0;
                  const share = count / (totals.get(right) || 1);
                  return (
                    <td
                      key={String(said)}
                      className={said === right ? 'agrees' : count ? 'differs' : 'none'}
                      style={{ '--share': `${Math.round(30 * share)}%` } as React.CSSProperties}
                    >
                      {count}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {all > rights.length && (
        <p className="quiet">
          {rights.length} of {all} labels, those that are confused most.
        </p>
      )}
    </>
  );
}

/** The labels that are shown, in their order. */
function shownOf(counts: Counts): number[] {
  const missed = new Map<number, number>();
  const add = (label: number, count: number) => missed.set(label, (missed.get(label) ?? 0) + count);
  for (const { right, said, count } of counts) {
    add(right, said === right ? 0 : count);
    if (said !== null) add(said, said === right ? 0 : count);
  }
  const most = [...missed].toSorted(([a, x], [b, y]) => y - x || a - b).slice(0, mostLabels);
  return most.map(([label]) => label).toSorted((a, b) => a - b);
}

const sum = (counts: Counts): number => counts.reduce((total, { count }) => total + count, 0);
