import { memo, useMemo } from 'react';
import type { CellView } from '#contracts/experiment.js';
import { pointText } from '../point-text.js';

interface Props {
  cells: readonly CellView[];
  onOpen: (trialId: string) => void;
}

const mostCells = 6; // named for each reason; the rest is counted

/** Every reason why trials failed, with the cells that it took: nothing that failed is only a colour. */
export const Failures = memo(function Failures({ cells, onOpen }: Props) {
  const reasons = useMemo(() => failuresOf(cells), [cells]);
  if (reasons.length === 0) return null;
  const total = reasons.reduce((sum, [, failed]) => sum + failed.length, 0);
  return (
    <section className="failures" aria-label="failures">
      <h2>{total === 1 ? '1 cell failed' : `${total} cells failed`}</h2>
      <ul>
        {reasons.map(([why, failed]) => (
          <li key={why}>
            <strong>{why}</strong>
            <span className="where">
              {failed.slice(0, mostCells).map((cell) => (
                <button key={cell.id} className="link" onClick={() => onOpen(cell.trialId)}>
                  {pointText(cell)}
                </button>
              ))}
              {failed.length > mostCells && (
                <span className="quiet">and {failed.length - mostCells} more</span>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
});

function failuresOf(cells: readonly CellView[]): [string, CellView[]][] {
  const reasons = new Map<string, CellView[]>();
  for (const cell of cells) {
    if (cell.state !== 'failed') continue;
    const known = reasons.get(cell.why);
    if (known) known.push(cell);
    else reasons.set(cell.why, [cell]);
  }
  return [...reasons].toSorted((a, b) => b[1].length - a[1].length);
}
