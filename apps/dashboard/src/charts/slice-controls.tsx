import type { SlicedAxes } from './slice.js';

interface Props {
  sliced: SlicedAxes;
  fixed: Record<string, string>;
  onFix: (fixed: Record<string, string>) => void;
}

/** At which values of the axes that are neither x nor lines the figure is drawn. */
export function SliceControls({ sliced, fixed, onFix }: Props) {
  if (sliced.size === 0) return null;
  return (
    <div className="controls">
      at
      {[...sliced].map(([axis, values]) => (
        <label key={axis}>
          {axis}
          <select value={fixed[axis]} onChange={(e) => onFix({ ...fixed, [axis]: e.target.value })}>
            {[...values].map(([key, text]) => (
              <option key={key} value={key}>
                {text}
              </option>
            ))}
          </select>
        </label>
      ))}
    </div>
  );
}
