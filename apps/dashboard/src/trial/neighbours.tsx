import { useEffect, useState } from 'react';
import { neighboursRemarks, positionText } from '#analysis/neighbours/neighbours-text.js';
import type { TrialView } from '#contracts/experiment.js';
import { Closeness, type NeighboursView } from '#contracts/neighbours.js';
import { embedsVirtualTokens, noNeighbours } from '#contracts/virtual-tokens.js';
import { ProblemNote } from '../problem-note.js';
import { session } from '../session.js';

const counts = [1, 3, 5, 10, 20];

/** What each position of a trained prompt is near to in the vocabulary; nothing where the method has no
 *  virtual tokens among the embeddings. */
export function Neighbours({ trial }: { trial: TrialView }) {
  const [metric, setMetric] = useState<Closeness>('cosine');
  const [k, setK] = useState(5);
  const [view, setView] = useState<NeighboursView | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);
  const { config, state } = trial;
  const kept = trial.checkpoints.findLast(({ kind }) => kind === 'neighbours')?.hash;
  useEffect(() => {
    let gone = false; // another look was asked for meanwhile
    if (kept === undefined) return;
    session()
      .neighbours(trial.id, { k, metric })
      .then(
        (found) => gone || (setView(found), setProblem(null)),
        (error: Error) => gone || setProblem(error),
      );
    return () => void (gone = true);
  }, [trial.id, kept, k, metric]);
  if (state !== 'succeeded' || config.stage !== 'tune' || !embedsVirtualTokens(config.method)) return null;
  return (
    <section aria-label="neighbours">
      <h3>What its prompt is near to in the vocabulary</h3>
      {kept === undefined && <p className="quiet">No neighbours: {noNeighbours(state, config)}.</p>}
      <ProblemNote problem={problem} />
      {view && (
        <>
          <p className="quiet near-by">
            <label>
              nearest{' '}
              <select value={k} onChange={(e) => setK(Number(e.target.value))}>
                {counts.map((count) => (
                  <option key={count}>{count}</option>
                ))}
              </select>
            </label>{' '}
            <label>
              by{' '}
              <select value={metric} onChange={(e) => setMetric(e.target.value as Closeness)}>
                {Closeness.options.map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            </label>
          </p>
          <Positions view={view} />
          {neighboursRemarks(view).map((remark) => (
            <p key={remark} className="quiet near-said">
              {remark}
            </p>
          ))}
        </>
      )}
    </section>
  );
}

function Positions({ view }: { view: NeighboursView }) {
  const texts = view.positions.map(positionText);
  const withAlike = texts.some(({ alike }) => alike);
  return (
    <div className="scroll near" tabIndex={0} role="group" aria-label="nearest tokens">
      <table className="said">
        <thead>
          <tr>
            <th scope="col">at</th>
            <th scope="col">after training</th>
            <th scope="col">before</th>
            <th scope="col">moved</th>
            {withAlike && <th scope="col">alike</th>}
          </tr>
        </thead>
        <tbody>
          {texts.map(({ position, before, after, moved, alike }) => (
            <tr key={position}>
              <th scope="row">{position}</th>
              <td>{after}</td>
              <td>{before}</td>
              <td className="number">{moved}</td>
              {withAlike && <td>{alike}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
