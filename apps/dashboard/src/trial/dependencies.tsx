import type { TrialView } from '#contracts/experiment.js';

interface Props {
  waitsFor: TrialView['waitsFor'];
  onOpen: (trialId: string) => void;
}

/** Checkpoints of other trials that this one starts from. */
export function Dependencies({ waitsFor, onOpen }: Props) {
  if (waitsFor.length === 0) return null;
  return (
    <section>
      <h3>Starts from</h3>
      <ul className="plain">
        {waitsFor.map(({ trialId, step, met }) => (
          <li key={`${trialId} ${step}`}>
            <button className="link" onClick={() => onOpen(trialId)}>
              trial {trialId.slice(0, 8)}…
            </button>{' '}
            at step {step}, {met ? 'which is there' : 'which is not there yet'}
          </li>
        ))}
      </ul>
    </section>
  );
}
