import { useEffect, useMemo, useRef, useState } from 'react';
import type { CellView } from '#contracts/experiment.js';
import { canonical, valueText } from '#analysis/axis-values.js';
import type { Table } from '#analysis/pivot.js';
import { CellTip } from './cell-tip.js';
import { type Colouring, type Scale, scaleOf } from './cell-look.js';
import { GridRow } from './grid-row.js';
import { makeTabStop } from './grid-keys.js';
import { Legend } from './legend.js';
import { useGridEvents } from './use-grid-events.js';

interface Props {
  cells: readonly CellView[];
  table: Table; // where cells go; what they are comes from `cells`, which is newer
  colouring: Colouring;
  selected: string | null;
  onOpen: (trialId: string) => void;
}

const dense = 1_500; // cells

/** Every cell of a grid as a square, seeds side by side. */
export function StateGrid({ cells, table, colouring, selected, onOpen }: Props) {
  const byId = useMemo(() => new Map(cells.map((cell) => [cell.id, cell])), [cells]);
  const scale = useStableScale(colouring === 'metric' ? scaleOf(cells, table.metric) : null);
  const frame = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<{ id: string; at: DOMRect } | null>(null);
  const events = useGridEvents({ byId, onOpen, setPointed });
  useEffect(() => {
    const grid = frame.current!;
    if (!grid.querySelector('[data-cell][tabindex="0"]'))
      makeTabStop(grid, grid.querySelector<HTMLElement>('[data-cell]'));
  });
  const cellsOf = (ids: readonly string[]) => ids.flatMap((id) => byId.get(id) ?? []);
  const look = { metric: table.metric, scale, selected, isDense: cells.length > dense };
  const span = Math.max(1, table.rows.length);
  const pointedCell = pointed && byId.get(pointed.id);
  return (
    <div className="grid-side">
      <Legend cells={cells} scale={scale} />
      <div className={look.isDense ? 'grid-frame dense' : 'grid-frame'} ref={frame} {...events}>
        <table className="state-grid">
          <GridHead table={table} />
          <tbody>
            {table.body.map(({ values, groups }, i) => {
              const key = values.map(canonical).join('\u0000');
              const repeated = repeatedValues(values, table.body[i - 1]?.values);
              const row = groups.map((group) => group && cellsOf(group.ids));
              return (
                <GridRow
                  key={key}
                  head={values.length ? values : ''}
                  span={span}
                  repeated={repeated}
                  groups={row}
                  {...look}
                />
              );
            })}
            {table.baselines.map(({ label, group }) => (
              <GridRow
                key={`baseline ${label}`}
                head={`baseline ${label}`}
                span={span}
                repeated={0}
                groups={[cellsOf(group.ids)]}
                {...look}
              />
            ))}
          </tbody>
        </table>
      </div>
      {pointedCell && <CellTip cell={pointedCell} metric={table.metric} at={pointed.at} />}
    </div>
  );
}

function GridHead({ table }: { table: Table }) {
  const { rows, cols, columns } = table;
  return (
    <thead>
      {cols.length > 0 && (
        <tr className="axes">
          <td colSpan={Math.max(1, rows.length)} />
          <th colSpan={columns.length} scope="colgroup">
            {cols.join(', ')}
          </th>
        </tr>
      )}
      <tr>
        {rows.length ? (
          rows.map((axis) => (
            <th key={axis} scope="col" className="axis">
              {axis}
            </th>
          ))
        ) : (
          <td />
        )}
        {columns.map((values, i) => (
          <th key={i} scope="col">
            {values.map(valueText).join(', ')}
          </th>
        ))}
      </tr>
    </thead>
  );
}

/** How many leading values of a row are those of the row above. */
function repeatedValues(
  values: Table['columns'][number],
  above: Table['columns'][number] | undefined,
): number {
  if (!above) return 0;
  const first = values.findIndex((value, i) => canonical(value) !== canonical(above[i]));
  return first === -1 ? 0 : first;
}

/** The same object while the ends stay, so that rows are not drawn again. */
function useStableScale(scale: Scale | null): Scale | null {
  return useMemo(() => scale, [scale?.metric, scale?.low, scale?.high]);
}
