import * as tf from '@tensorflow/tfjs';
import { doctor } from './doctor.js';
import { peftgridHome } from './library.js';
import { opCases } from '../ops/cases.js';

describe('doctor', () => {
  it('finds every op right and leaves no tensor behind', async () => {
    const report = await doctor(peftgridHome());
    expect(report.ops.map((o) => o.op)).toEqual(Object.keys(opCases));
    expect(report.remarks.filter((r) => !r.includes('GPU'))).toEqual([]);
    expect(report.ok).toBe(true);
    for (const peak of Object.values(report.peakGflops)) expect(peak).toBeGreaterThan(0);
    const { float32, bfloat16 } = report.peakGflops;
    expect(report.gainsBy).toBe(bfloat16 >= 1.2 * float32 ? 'bfloat16' : 'float32');
    expect(report.versions.tensorflow).toMatch(/^libtensorflow 2\./);
    expect(tf.getBackend()).toBe('tensorflow');
    expect(tf.memory().numTensors).toBe(0);
  }, 60_000);
});
