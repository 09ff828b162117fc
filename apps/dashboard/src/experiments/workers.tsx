import { usePolled } from '../live/use-polled.js';
import { session } from '../session.js';

/** Who computes: without anybody, nothing moves, and the page says so. */
export function Workers() {
  const { value: workers } = usePolled(() => session().workers(), 15_000);
  if (!workers) return null;
  const alive = workers.filter((worker) => worker.alive);
  if (alive.length === 0) return <p className="workers none">no worker is connected: nothing is computed</p>;
  const faults = alive.flatMap(({ id, fault }) => (fault ? [`worker ${id} takes no work: ${fault}`] : []));
  const devices = [...new Set(alive.map((worker) => worker.device))].join(', ');
  const slots = alive.reduce((sum, worker) => sum + worker.slots, 0);
  return (
    <p
      className="workers"
      title={alive.map((worker) => `${worker.id}: ${worker.device}, runs ${worker.running}`).join('\n')}
    >
      {alive.length === 1 ? '1 worker' : `${alive.length} workers`},{' '}
      {slots === 1 ? '1 slot' : `${slots} slots`} on {devices}
      {faults.length > 0 && <strong> {faults.join('; ')}</strong>}
    </p>
  );
}
