import { mkdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { Binding } from './binding.js';
import { loadCApi, type CApi, type Pointer } from './c-api.js';
import { loadCuda } from '../install/cuda.js';
import { keepMeasurements } from '../step/faster.js';
import { findLibrary, peftgridHome } from '../install/library.js';
import { registerMatmulKernel } from './matmul-kernel.js';
import { quieten } from './quiet.js';
import { HeldSignals } from './signals.js';

export interface EngineInfo {
  library: string; // "libtensorflow 2.18.0"
  device: string;
  threads: number;
  gpu: boolean;
  floatMode: 'strict'; // how oneDNN computes products of float32: without narrower types in between
}

export interface EngineOptions {
  home?: string;
  threads?: number; // of one op; default: all cores
  device?: 'auto' | 'cpu' | 'gpu';
}

let started: EngineInfo | undefined;

/** Loads the native library and makes it tfjs's backend; later calls return the first one's answer. Throws
 *  EngineMissingError where the library is not installed, Error where device 'gpu' is asked for and there is
 *  none. */
export async function startEngine(options: EngineOptions = {}): Promise<EngineInfo> {
  if (started) return started;
  const home = options.home ?? peftgridHome();
  const threads = options.threads ?? Number(process.env['PEFTGRID_THREADS'] ?? cpus().length);
  const files = findLibrary(home);
  configure(home, threads, options.device === 'cpu');
  if (options.device !== 'cpu') loadCuda(home);
  const api = loadCApi(files);
  quieten();
  const signals = new HeldSignals();
  const context = signals.during(() => newContext(api)); // it starts threads
  const gpu = gpuName(api, context);
  if (options.device === 'gpu' && !gpu)
    throw new Error('device gpu was asked for, and TensorFlow found no GPU');
  // tfjs-node 4.22 calls a function that Node 23 removed.
  (util as unknown as Record<string, unknown>)['isNullOrUndefined'] ??= (x: unknown) =>
    x === null || x === undefined;
  const { NativeBackend } = await import('./backend.js');
  const binding = new Binding(api, context, gpu !== undefined, signals);
  tf.registerBackend('tensorflow', () => new NativeBackend(binding), 3);
  require('@tensorflow/tfjs-node-gpu/dist/register_all_kernels'); // untyped, and run for its effect
  registerMatmulKernel();
  await tf.setBackend('tensorflow');
  tf.env().set('DEPRECATION_WARNINGS_ENABLED', false);
  const device = gpu ?? `${cpus()[0]?.model.trim() ?? 'CPU'} x ${threads} threads`;
  keepMeasurements(join(home, 'xla-cache', 'faster'), `${binding.TF_Version} in lanes, ${device}`);
  started = {
    library: `libtensorflow ${binding.TF_Version}`,
    device,
    threads,
    gpu: gpu !== undefined,
    floatMode: 'strict',
  };
  return started;
}

/** The library reads its settings from the environment when it is loaded; what the user has set is left
 *  alone, but for what would change numbers unseen. */
function configure(home: string, threads: number, cpuOnly: boolean): void {
  const cache = join(home, 'xla-cache');
  mkdirSync(cache, { recursive: true });
  const env = process.env;
  env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  env['TF_NUM_INTEROP_THREADS'] ??= '2'; // one a lane
  // that help them, where there are more cores
  env['TF_NUM_INTRAOP_THREADS'] ??= String(Math.max(1, threads - 2));
  env['TF_XLA_FLAGS'] ??= `--tf_xla_persistent_cache_directory=${cache}`;
  multiplyStrictly(env);
  if (cpuOnly) env['CUDA_VISIBLE_DEVICES'] = '-1';
}

/** Keeps oneDNN from computing products of float32 in bfloat16. The first variable is oneDNN's, before its
 *  older DNNL_DEFAULT_FPMATH_MODE; the second is TensorFlow's own. A trial that is to compute so says it in
 *  training.precision. */
function multiplyStrictly(env: NodeJS.ProcessEnv): void {
  env['ONEDNN_DEFAULT_FPMATH_MODE'] = 'STRICT';
  delete env['TF_SET_ONEDNN_FPMATH_MODE'];
}

function newContext(api: CApi): Pointer {
  const status = api.TF_NewStatus() as Pointer;
  const options = api.TFE_NewContextOptions() as Pointer;
  const config = Uint8Array.from([0x32, 2, 0x20, 1]); // ConfigProto { gpu_options { allow_growth: true } }
  api.TFE_ContextOptionsSetConfig(options, config, config.length, status);
  const context = api.TFE_NewContext(options, status) as Pointer;
  api.TFE_DeleteContextOptions(options);
  if (api.TF_GetCode(status) !== 0)
    throw new Error(`TensorFlow could not start: ${api.TF_Message(status) as string}`);
  return context;
}

function gpuName(api: CApi, context: Pointer): string | undefined {
  const status = api.TF_NewStatus() as Pointer;
  const devices = api.TFE_ContextListDevices(context, status) as Pointer;
  const count = api.TF_DeviceListCount(devices) as number;
  const names = Array.from({ length: count }, (_, i) => ({
    name: api.TF_DeviceListName(devices, i, status) as string,
    type: api.TF_DeviceListType(devices, i, status) as string,
  }));
  api.TF_DeleteDeviceList(devices);
  return names.find((d) => d.type === 'GPU')?.name;
}
