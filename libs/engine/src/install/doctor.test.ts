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
    expect(report.peakGflops).toBeGreaterThan(0);
    expect(report.versions.tensorflow).toMatch(/^libtensorflow 2\./);
    expect(tf.getBackend()).toBe('tensorflow');
    expect(tf.memory().numTensors).toBe(0);
  }, 60_000);
});
