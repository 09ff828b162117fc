import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const start = join(__dirname, '../dist/libs/engine/src/native/start.js');
const folder = mkdtempSync(join(tmpdir(), 'peftgrid-signals-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Multiplies matrices, always the same two, and says how often it got other numbers than at first. */
const program = (more = '') => `
  const tf = require('@tensorflow/tfjs');
  require(${JSON.stringify(start)}).startEngine({ threads: 2, device: 'cpu' }).then(async () => {
    const a = tf.randomNormal([512, 512], 0, 1, 'float32', 1);
    const product = () => tf.tidy(() => Buffer.from(tf.matMul(a, a).dataSync().buffer).toString('latin1'));
    const first = product();
    let others = 0;
    console.log('begun');
    for (let i = 0; i < 150; i++) {
      if (product() !== first) others++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    console.log('others ' + others);
    process.exit(0);
  });
  ${more}
`;

it('computes the same while a profiler interrupts it every half a millisecond', () => {
  const args = ['--cpu-prof', '--cpu-prof-interval', '500', '--cpu-prof-dir', folder, '-e', program()];
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: __dirname,
    encoding: 'utf8',
  });
  expect({ status, signal, stdout, stderr }).toMatchObject({ status: 0, signal: null });
  expect(stdout).toContain('others 0');
}, 120_000);

it('hears a signal that comes while it computes, and goes on', async () => {
  const heard = `process.on('SIGTERM', () => console.log('heard'));`;
  const child = spawn(process.execPath, ['-e', program(heard)], { cwd: __dirname });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stdout.on('data', () => child.kill('SIGTERM'));
  const [status, signal] = (await once(child, 'close')) as [number | null, string | null];
  expect({ status, signal }).toEqual({ status: 0, signal: null });
  expect(said.match(/heard/g)!.length).toBeGreaterThan(1);
  expect(said).toContain('others 0');
}, 120_000);
