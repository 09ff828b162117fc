import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const dist = join(__dirname, '../dist/libs/engine/src');

/** Multiplies batches of matrices in a process of its own. */
const program = `
  const tf = require('@tensorflow/tfjs');
  const { startEngine } = require(${JSON.stringify(join(dist, 'native/start.js'))});
  const { Step } = require(${JSON.stringify(join(dist, 'step/step.js'))});
  startEngine({ threads: 2, device: 'cpu' }).then(({ floatMode }) => {
    const multiply = ({ batch: { x } }) => ({ state: {}, outputs: { y: tf.matMul(x, x) } });
    const step = new Step('product', multiply, { xla: false });
    step.run({ frozen: {}, constants: {}, state: {}, batch: { x: tf.ones([4, 64, 64]) }, scalars: {} }).outputs.y.dataSync();
    console.log('mode ' + floatMode);
  });
`;

/** What oneDNN says of the products that it computes. */
function said(env: Record<string, string>): string {
  const verbose = { ...process.env, TF_ENABLE_ONEDNN_OPTS: '1', ONEDNN_VERBOSE: '1', ...env };
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
    cwd: __dirname,
    env: verbose,
    encoding: 'utf8',
  });
  if (!stdout.includes('mode strict')) throw new Error(stderr);
  return stdout;
}

it.each(['ONEDNN_DEFAULT_FPMATH_MODE', 'DNNL_DEFAULT_FPMATH_MODE', 'TF_SET_ONEDNN_FPMATH_MODE'])(
  'computes products of float32 as such whatever %s says',
  (name) => {
    const lines = said({ [name]: 'BF16' });
    // so there was a product to be told of
    if (process.arch === 'x64') expect(lines).toContain('exec,cpu,matmul');
    expect(lines).not.toContain('attr-fpmath');
  },
  60_000,
);
