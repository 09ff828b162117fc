import type { AttemptView } from '#contracts/experiment.js';
import { durationText, timeText } from '../duration-text.js';
import { StatePill } from '../state-pill.js';

export function Attempts({ attempts }: { attempts: readonly AttemptView[] }) {
  if (attempts.length === 0) return null;
  return (
    <section>
      <h3>Attempts</h3>
      <ol className="attempts">
        {attempts.map((attempt) => (
          <li key={attempt.id}>
            <StatePill state={attempt.state} /> <span className="quiet">{storyOf(attempt)}</span>
            {attempt.message && <p>{attempt.message}</p>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function storyOf({ worker, startedAt, endedAt }: AttemptView): string {
  const took = startedAt && endedAt ? (Date.parse(endedAt) - Date.parse(startedAt)) / 1000 : null;
  return [
    ...(worker ? [`worker ${worker}`] : []),
    ...(startedAt ? [`from ${timeText(startedAt)}`] : []),
    ...(took === null ? [] : [durationText(took)]),
  ].join(' · ');
}
