import type { CheckpointView, TrialView } from '#contracts/experiment.js';
import { bytesText } from '#analysis/number-text.js';
import { session } from '../session.js';

/** The trial's files, each to be saved. */
export function Checkpoints({ trial }: { trial: TrialView }) {
  if (trial.checkpoints.length === 0) return null;
  return (
    <section>
      <h3>Checkpoints</h3>
      <ul className="plain">
        {trial.checkpoints.map((checkpoint) => (
          <li key={`${checkpoint.kind} ${checkpoint.step}`}>
            {checkpoint.kind} at step {checkpoint.step}{' '}
            <span className="quiet">{bytesText(checkpoint.bytes)}</span>
            <ul className="files">
              {checkpoint.files.map(({ path, bytes }) => (
                <li key={path}>
                  <button className="link" onClick={() => void save(trial.id, checkpoint, path)}>
                    {path}
                  </button>{' '}
                  <span className="quiet">{bytesText(bytes)}</span>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Through the client, since a link cannot carry a token. */
async function save(trialId: string, checkpoint: CheckpointView, path: string): Promise<void> {
  const response = await session().checkpointFile(trialId, checkpoint, path);
  const url = URL.createObjectURL(await response.blob());
  const link = Object.assign(document.createElement('a'), { href: url, download: path.split('/').at(-1)! });
  link.click();
  URL.revokeObjectURL(url);
}
