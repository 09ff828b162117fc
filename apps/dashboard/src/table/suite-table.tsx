import type { SuiteMeans } from '#analysis/suite-means.js';
import { suiteLines, suiteNotes } from '#analysis/suite-text.js';

/** A benchmark's mean over its tasks, by its own rule. */
export function SuiteTable({ suite }: { suite: SuiteMeans }) {
  const [head, ...body] = suiteLines(suite);
  return (
    <>
      <div className="scroll" role="region" aria-label={`${suite.suite}: mean over its tasks`} tabIndex={0}>
        <table className="numbers">
          <thead>
            <tr>
              {head!.map((name, i) => (
                <th key={name} className={i > 0 ? 'right' : undefined}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {body.map(([label, ...values], i) => (
              <tr key={i}>
                <th>{label}</th>
                {values.map((value, j) => (
                  <td key={j}>{value}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ul className="notes">
        {suiteNotes(suite).map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </>
  );
}
