import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import koffi from 'koffi';

/** NVIDIA's libraries as TensorFlow 2.18's and-cuda extra pins them: wheel and version, and what TensorFlow
 *  loads out of it. */
export const cudaWheels: readonly { requirement: string; files: readonly string[] }[] = [
  { requirement: 'nvidia-cuda-runtime-cu12==12.5.82', files: ['libcudart.so.12'] },
  { requirement: 'nvidia-nvjitlink-cu12==12.5.82', files: ['libnvJitLink.so.12'] },
  { requirement: 'nvidia-cublas-cu12==12.5.3.2', files: ['libcublasLt.so.12', 'libcublas.so.12'] },
  { requirement: 'nvidia-cuda-cupti-cu12==12.5.82', files: ['libcupti.so.12'] },
  { requirement: 'nvidia-cuda-nvrtc-cu12==12.5.82', files: ['libnvrtc.so.12'] },
  { requirement: 'nvidia-cufft-cu12==11.2.3.61', files: ['libcufft.so.11'] },
  { requirement: 'nvidia-curand-cu12==10.3.6.82', files: ['libcurand.so.10'] },
  { requirement: 'nvidia-cusparse-cu12==12.5.1.3', files: ['libcusparse.so.12'] },
  { requirement: 'nvidia-cusolver-cu12==11.6.3.83', files: ['libcusolver.so.11'] },
  { requirement: 'nvidia-nccl-cu12==2.21.5', files: ['libnccl.so.2'] },
  { requirement: 'nvidia-cudnn-cu12==9.3.0.75', files: ['libcudnn.so.9'] },
  { requirement: 'nvidia-cuda-nvcc-cu12==12.5.82', files: ['ptxas', 'libdevice.10.bc'] },
];

export interface CudaFinding {
  file: string;
  path: string | null; // null: not installed
  problem: string | null; // why it does not load
}

/** Where installEngine puts NVIDIA's wheels. */
export const cudaFolder = (home: string): string => join(home, 'engine', 'nvidia');

/** Every file TensorFlow needs of CUDA, and whether it loads; in dependency order, symbols visible, so that
 *  TensorFlow's own dlopen by soname finds them loaded: no LD_LIBRARY_PATH has to be set before the process
 *  starts. Empty where no CUDA build is installed. */
export function loadCuda(home: string): CudaFinding[] {
  const root = cudaFolder(home);
  let found = loaded.get(root);
  if (!found) loaded.set(root, (found = existsSync(root) ? load(root) : []));
  return found;
}

const loaded = new Map<string, CudaFinding[]>();

function load(root: string): CudaFinding[] {
  const nvcc = join(root, 'cuda_nvcc'); // ptxas and libdevice for XLA
  process.env['XLA_FLAGS'] = [process.env['XLA_FLAGS'], `--xla_gpu_cuda_data_dir=${nvcc}`]
    .filter(Boolean)
    .join(' ');
  process.env['PATH'] = `${join(nvcc, 'bin')}:${process.env['PATH'] ?? ''}`;
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' });
  return cudaWheels.flatMap(({ files }) => files.map((file) => finding(root, paths, file)));
}

function finding(root: string, paths: readonly string[], file: string): CudaFinding {
  const found = paths.find((p) => p.endsWith(`/${file}`));
  if (found === undefined) return { file, path: null, problem: null };
  const path = join(root, found);
  if (!file.includes('.so')) return { file, path, problem: null };
  try {
    koffi.load(path, { global: true, lazy: true });
    return { file, path, problem: null };
  } catch (error) {
    return { file, path, problem: (error as Error).message };
  }
}
