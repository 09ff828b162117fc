import { memo } from 'react';
import type { Table } from '#analysis/pivot.js';
import { groupText } from '#analysis/number-text.js';
import { tableNotes } from '#analysis/table-notes.js';
import { axisTexts } from '#analysis/told-apart.js';
import { CopyTable } from './copy-table.js';
import { SuiteTable } from './suite-table.js';

const mostRows = 200; // the rest is a copy away

/** The same table that `peftgrid table` prints, with its notes. */
export const ResultsTable = memo(function ResultsTable({ table }: { table: Table }) {
  const { rows, cols, columns, metric, body, baselines, suite } = table;
  const { down, across } = axisTexts(table);
  const left = Math.max(1, rows.length);
  return (
    <figure className="results">
      <figcaption>
        <h3>{metric}</h3>
        <CopyTable table={table} />
      </figcaption>
      <div
        className="scroll"
        role="region"
        aria-label={`${metric}, by ${[...rows, ...cols].join(' and ')}`}
        tabIndex={0}
      >
        <table className="numbers">
          <thead>
            <tr>
              {rows.length ? rows.map((axis) => <th key={axis}>{axis}</th>) : <th />}
              {columns.map((values, i) => (
                <th key={i} className="right">
                  {values.map((v, j) => `${cols[j]} ${across[j]!(v)}`).join(', ') || metric}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {body.slice(0, mostRows).map(({ values, groups }, i) => (
              <tr key={i}>
                {values.length ? values.map((v, j) => <th key={j}>{down[j]!(v)}</th>) : <th>{metric}</th>}
                {groups.map((group, j) => (
                  <td key={j} className={group?.estimate ? undefined : 'quiet'}>
                    {group ? groupText(group, metric) : ''}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
          {baselines.length > 0 && (
            <tbody className="baselines">
              {baselines.map(({ label, group }) => (
                <tr key={label}>
                  <th colSpan={left}>{label}</th>
                  <td colSpan={columns.length}>{groupText(group, metric)}</td>
                </tr>
              ))}
            </tbody>
          )}
        </table>
      </div>
      {body.length > mostRows && (
        <p className="quiet">{body.length - mostRows} more rows: copy the table to have them.</p>
      )}
      <ul className="notes">
        {tableNotes(table).map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      {suite && <SuiteTable suite={suite} />}
    </figure>
  );
});
