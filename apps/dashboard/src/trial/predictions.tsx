import { useEffect, useState } from 'react';
import { predictionText } from '#analysis/prediction-text.js';
import type { TrialView } from '#contracts/experiment.js';
import type { PredictionsView } from '#contracts/predictions.js';
import { ProblemNote } from '../problem-note.js';
import { session } from '../session.js';
import { ConfusionMatrix } from './confusion-matrix.js';

const pageSize = 10;

/** What the trial said of its test examples, where that was kept: the wrong ones, and how often which label
 *  was said for which. */
export function Predictions({ trial }: { trial: TrialView }) {
  const [offset, setOffset] = useState(0);
  const [page, setPage] = useState<PredictionsView | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);
  const kept = trial.checkpoints.findLast(({ kind }) => kind === 'predictions')?.hash;
  useEffect(() => {
    let gone = false; // another page was asked for meanwhile
    if (kept === undefined) return;
    session()
      .predictions(trial.id, { wrong: true, n: pageSize, offset })
      .then((found) =>
        found.wrong === null ? session().predictions(trial.id, { n: pageSize, offset }) : found,
      )
      .then(
        (found) => gone || (setPage(found), setProblem(null)),
        (error: Error) => gone || setProblem(error),
      );
    return () => void (gone = true);
  }, [trial.id, kept, offset]);
  if (kept === undefined) return null;
  return (
    <section aria-label="predictions">
      <h3>What it said of the test examples</h3>
      <ProblemNote problem={problem} />
      {page && (
        <>
          <WrongOnes page={page} onPage={setOffset} />
          {page.confusion && <ConfusionMatrix labels={page.labels} counts={page.confusion} />}
        </>
      )}
    </section>
  );
}

function WrongOnes({ page, onPage }: { page: PredictionsView; onPage: (offset: number) => void }) {
  const { examples, offset, predictions } = page;
  const pages = page.wrong ?? examples;
  const texts = predictions.map((prediction) => ({ id: prediction.id, ...predictionText(page, prediction) }));
  const withScore = texts.some(({ score }) => score);
  return (
    <>
      <p className="quiet">
        {page.wrong === null ? `${examples} examples` : `${page.wrong} of ${examples} wrong`}
        {predictions.length > 0 && pages > pageSize && `; ${offset + 1} to ${offset + predictions.length}`}
        {pages > pageSize && (
          <>
            <button disabled={offset === 0} onClick={() => onPage(Math.max(0, offset - pageSize))}>
              Before
            </button>
            <button disabled={offset + pageSize >= pages} onClick={() => onPage(offset + pageSize)}>
              Next
            </button>
          </>
        )}
      </p>
      {texts.length > 0 && (
        <div className="scroll" tabIndex={0} role="group" aria-label="wrong examples">
          <table className="said">
            <thead>
              <tr>
                <th scope="col">text</th>
                <th scope="col">right</th>
                <th scope="col">said</th>
                {withScore && <th scope="col">score</th>}
              </tr>
            </thead>
            <tbody>
              {texts.map(({ id, text, right, said, score }) => (
                <tr key={id}>
                  <td>{text}</td>
                  <td>{right}</td>
                  <td>{said}</td>
                  {withScore && <td className="number">{score}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
