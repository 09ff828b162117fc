import { isReplicate } from '#contracts/grid.js';
import type { Layout } from '#analysis/layout.js';

interface Props {
  axes: ReadonlyMap<string, number>;
  layout: Layout;
  onLayout: (layout: Layout) => void;
}

/** Each axis that varies, draws and seeds aside, goes down or across. */
export function AxisPlacement({ axes, layout, onLayout }: Props) {
  const varying = [...axes].flatMap(([axis, size]) => (size > 1 && !isReplicate(axis) ? [axis] : []));
  const place = (axis: string, across: boolean): void => {
    const isAcross = (other: string) => (other === axis ? across : layout.cols.includes(other));
    onLayout({ rows: varying.filter((a) => !isAcross(a)), cols: varying.filter(isAcross) });
  };
  return varying.map((axis) => (
    <label key={axis}>
      {axis}
      <select
        value={layout.cols.includes(axis) ? 'across' : 'down'}
        onChange={(e) => place(axis, e.target.value === 'across')}
      >
        <option>down</option>
        <option>across</option>
      </select>
    </label>
  ));
}
