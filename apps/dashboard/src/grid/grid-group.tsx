import type { CSSProperties } from 'react';
import type { CellView } from '#contracts/experiment.js';
import { metricText } from '#analysis/number-text.js';
import { summariseGroup } from '#analysis/summarise-group.js';
import { CellSquare } from './cell-square.js';
import { share, type Scale } from './cell-look.js';

interface Props {
  cells: readonly CellView[]; // replicates of one point
  metric: string;
  scale: Scale | null; // null: coloured by state
  selected: string | null;
  isDense: boolean; // too many for numbers
}

/** The seeds of one point as squares; with their mean where there is room. */
export function GridGroup({ cells, metric, scale, selected, isDense }: Props) {
  const estimate = isDense ? null : summariseGroup(cells, metric).estimate;
  const v = scale && estimate ? share(estimate.mean, scale) : null;
  return (
    <div
      className={v === null ? 'group' : `group mean${v >= 0.5 ? ' strong' : ''}`}
      style={v === null ? undefined : ({ '--v': v } as CSSProperties)}
    >
      <div className="squares">
        {cells.map((cell) => (
          <CellSquare key={cell.id} cell={cell} scale={scale} isSelected={cell.trialId === selected} />
        ))}
      </div>
      {!isDense && <span className="number">{estimate ? metricText(estimate.mean, metric) : '\u00a0'}</span>}
    </div>
  );
}
