import { memo } from 'react';
import type { CellView } from '#contracts/experiment.js';
import { valueText, type AxisValue } from '#analysis/axis-values.js';
import { GridGroup } from './grid-group.js';
import type { Scale } from './cell-look.js';

interface Props {
  head: AxisValue[] | string; // values of the row's axes, or a baseline's label
  span: number; // columns that a label takes
  repeated: number; // leading values that are the row's above
  groups: (readonly CellView[] | null)[];
  metric: string;
  scale: Scale | null;
  selected: string | null;
  isDense: boolean;
}

/** Drawn again only where one of its cells has changed. */
export const GridRow = memo(GridRowView, (a, b) => {
  const sameLook =
    a.metric === b.metric && a.scale === b.scale && a.isDense === b.isDense && a.span === b.span;
  return sameLook && a.repeated === b.repeated && sameHead(a, b) && isSame(a.selected, b) && sameCells(a, b);

  function isSame(before: string | null, { selected, groups }: Props): boolean {
    if (before === selected) return true;
    return !groups.some((group) =>
      group?.some((cell) => cell.trialId === selected || cell.trialId === before),
    );
  }
});

function GridRowView({ head, span, repeated, groups, metric, scale, selected, isDense }: Props) {
  return (
    <tr>
      {typeof head === 'string' ? (
        <th scope="row" className="baseline" colSpan={span}>
          {head}
        </th>
      ) : (
        head.map((value, i) => (
          <th key={i} scope="row" className={i < repeated ? 'repeated' : undefined}>
            {valueText(value)}
          </th>
        ))
      )}
      {groups.map((cells, i) => (
        <td key={i} colSpan={typeof head === 'string' ? 99 : undefined}>
          {cells && (
            <GridGroup cells={cells} metric={metric} scale={scale} selected={selected} isDense={isDense} />
          )}
        </td>
      ))}
    </tr>
  );
}

function sameHead(a: Props, b: Props): boolean {
  if (typeof a.head === 'string' || typeof b.head === 'string') return a.head === b.head;
  return a.head.length === b.head.length && a.head.every((value, i) => value === b.head[i]);
}

function sameCells(a: Props, b: Props): boolean {
  return (
    a.groups.length === b.groups.length &&
    a.groups.every((group, i) => {
      const other = b.groups[i]!;
      return group?.length === other?.length && (group?.every((cell, j) => cell === other![j]) ?? true);
    })
  );
}
