import { HttpPlace } from './over-http.js';
import { patiently, workersPatienceS } from './patience.js';

// Jest's clock does not reach Node's promised timers
jest.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => new Promise((done) => void setTimeout(done, ms)),
}));

const minute = 60_000;
beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const place = new HttpPlace('http://127.0.0.1:1', 'a token'); // asked nothing
const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });

/** What `patiently` gives, and says, where the place is away for so long and the clock goes on by itself. */
async function awayFor(ms: number): Promise<{ given: string; tries: number; lines: string[]; took: number }> {
  const lines: string[] = [];
  const from = performance.now();
  let tries = 0;
  const work = async (): Promise<string> => {
    tries++;
    if (performance.now() - from < ms) throw refused;
    return 'what was stored';
  };
  const patience = { ms: workersPatienceS * 1e3, log: (line: string) => void lines.push(line) };
  const given: string[] = [];
  void patiently(place, patience, work).then(
    (text) => given.push(text),
    (error: Error) => given.push(`${error.name}: ${error.message}`),
  );
  while (given.length === 0) await jest.advanceTimersByTimeAsync(100);
  return { given: given[0]!, tries, lines, took: performance.now() - from };
}

it('waits out a minute as a worker does, and goes on within seconds', async () => {
  const { given, tries, lines, took } = await awayFor(minute);
  expect(given).toBe('what was stored');
  expect(took).toBeLessThanOrEqual(minute + 5_100);
  expect(tries).toBeLessThan(20); // the longer it is away the less often it is asked
  const name = 'the artifact store of the API at http://127.0.0.1:1';
  expect(lines).toEqual([
    `${name} does not answer (ECONNREFUSED); it is tried again for 600 s`,
    `${name} is back`,
  ]);
});

it('gives up after ten minutes with a sentence', async () => {
  const { given, took } = await awayFor(Infinity);
  expect(given).toBe(
    'StoreFault: the artifact store of the API at http://127.0.0.1:1 does not answer (ECONNREFUSED)',
  );
  expect(took).toBeGreaterThan(9.9 * minute);
  expect(took).toBeLessThan(10.1 * minute);
});
