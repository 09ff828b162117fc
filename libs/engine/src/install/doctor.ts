import * as tf from '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Precision } from '#contracts/precision.js';
import { type CudaFinding, loadCuda } from './cuda.js';
import { evaluate, opCases } from '../ops/cases.js';
import { matmulPeak } from '../peak.js';
import { startEngine } from '../native/start.js';

export interface OpFinding {
  op: string;
  // largest difference of a value or gradient from the JavaScript backend's; NaN where it could not be run
  gap: number;
  ok: boolean;
  problem: string | null;
}

export interface DoctorReport {
  versions: { node: string; peftgrid: string; tensorflow: string; tfjs: string };
  platform: string;
  device: string;
  gpu: boolean;
  threads: number;
  peakGflops: Record<Precision, number>; // of a measured matrix product
  gainsBy: Precision; // the precision in which products are faster here by a fifth at least; else float32
  ops: OpFinding[];
  cuda: CudaFinding[]; // empty where the CPU build is installed
  remarks: string[]; // sentences on what is not as it should be
  ok: boolean;
}

const tolerance = 1e-4;

/** Times as fast, from which a trial gains more by products in bfloat16 than rounding to it takes. */
const worthNarrowing = 1.2;

/** Looks over the engine below `home`: what it runs on, how fast a matrix product is, and whether every op
 *  and gradient equals the pure-JavaScript backend's. Throws EngineMissingError where the library is not
 *  installed. */
export async function doctor(home: string): Promise<DoctorReport> {
  const { library, device, threads, gpu } = await startEngine({ home });
  const ops = await checkOps();
  const cuda = loadCuda(home);
  const peakGflops = { float32: Math.round(matmulPeak()), bfloat16: Math.round(matmulPeak('bfloat16')) };
  const report: Omit<DoctorReport, 'ok'> = {
    versions: {
      node: process.version,
      peftgrid: ownVersion(),
      tensorflow: library,
      tfjs: tf.version['tfjs']!,
    },
    platform: `${process.platform} ${process.arch}`,
    device,
    gpu,
    threads,
    peakGflops,
    gainsBy: peakGflops.bfloat16 >= worthNarrowing * peakGflops.float32 ? 'bfloat16' : 'float32',
    ops,
    cuda,
    remarks: [...ops.filter((o) => !o.ok).map(opRemark), ...cudaRemarks(cuda, gpu)],
  };
  return {
    ...report,
    ok: ops.every((o) => o.ok) && cuda.every((c) => c.path !== null && c.problem === null),
  };
}

async function checkOps(): Promise<OpFinding[]> {
  const native = results();
  tf.env().set('PROD', true); // else tfjs's JavaScript backend advertises the native one
  await tf.setBackend('cpu');
  const reference = results();
  await tf.setBackend('tensorflow');
  return Object.keys(opCases).map((op) => {
    const [mine, theirs] = [native.get(op)!, reference.get(op)!];
    if (mine instanceof Error) return { op, gap: NaN, ok: false, problem: mine.message };
    if (theirs instanceof Error) return { op, gap: NaN, ok: false, problem: theirs.message };
    const gap = Math.max(...mine.map((v, i) => Math.abs(v - theirs[i]!)));
    return { op, gap, ok: gap < tolerance, problem: null };
  });
}

/** Value and gradients of every op, end to end, or why there are none. */
function results(): Map<string, number[] | Error> {
  const entries = Object.entries(opCases).map(([name, c]): [string, number[] | Error] => {
    tf.engine().startScope();
    try {
      const { value, gradients } = evaluate(c);
      return [name, [...value, ...gradients.flat()]];
    } catch (error) {
      return [name, error as Error];
    } finally {
      tf.engine().endScope();
    }
  });
  return new Map(entries);
}

function opRemark({ op, gap, problem }: OpFinding): string {
  return problem
    ? `${op} fails: ${problem}`
    : `${op} differs from the JavaScript backend by ${gap.toExponential(1)}`;
}

function cudaRemarks(findings: readonly CudaFinding[], gpu: boolean): string[] {
  if (findings.length === 0) return [];
  const broken = findings.filter((f) => f.path === null || f.problem !== null);
  const remarks = broken.map(
    (f) => `CUDA's ${f.file} ${f.path === null ? 'is missing' : `does not load: ${f.problem}`}`,
  );
  if (!gpu) remarks.push('the CUDA build is installed, and TensorFlow found no GPU: it computes on the CPU');
  return remarks;
}

/** Of package.json, which lies above both the sources and the build. */
function ownVersion(): string {
  for (let folder = __dirname; folder !== join(folder, '..'); folder = join(folder, '..')) {
    try {
      const found = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        name?: string;
        version: string;
      };
      if (found.name === 'peftgrid') return found.version;
    } catch {
      // not here
    }
  }
  return 'unknown';
}
