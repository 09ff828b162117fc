import { memo } from 'react';
import type { CellView } from '#contracts/experiment.js';
import { pointText } from '../point-text.js';
import { cellLook, isUnlearned, type Scale } from './cell-look.js';

interface Props {
  cell: CellView;
  scale: Scale | null;
  isSelected: boolean;
}

/** One cell. Its events are heard by the grid; tabIndex is moved there too, so that the grid is one stop for
 *  the Tab key. */
export const CellSquare = memo(function CellSquare({ cell, scale, isSelected }: Props) {
  const { className, style, mark } = cellLook(cell, scale);
  return (
    <button
      data-cell={cell.id}
      data-trial={cell.trialId}
      className={className}
      style={style}
      tabIndex={-1}
      aria-label={`${pointText(cell)}: ${cell.state}${isUnlearned(cell) ? ', learned nothing' : ''}. ${cell.why}`}
      aria-current={isSelected || undefined}
    >
      {mark}
    </button>
  );
});
