import { useState } from 'react';
import { formatTable, tableFormats, type TableFormat } from '#analysis/format-table.js';
import type { Table } from '#analysis/pivot.js';

/** The table as text on the clipboard. */
export function CopyTable({ table }: { table: Table }) {
  const [said, setSaid] = useState('');
  const copy = async (format: TableFormat): Promise<void> => {
    try {
      await navigator.clipboard.writeText(formatTable(table, format));
      setSaid(`copied as ${format}`);
    } catch {
      setSaid('the browser does not let this page copy');
    }
    setTimeout(() => setSaid(''), 2_000);
  };
  return (
    <span className="copy">
      <span className="quiet" role="status">
        {said || 'copy as'}
      </span>
      {tableFormats.map((format) => (
        <button key={format} className="link" onClick={() => void copy(format)}>
          {format}
        </button>
      ))}
    </span>
  );
}
