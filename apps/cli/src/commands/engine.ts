import { doctor, type DoctorReport } from '#engine/install/doctor.js';
import { libraryFolder, peftgridHome } from '#engine/install/library.js';
import { type Common, print, printJson } from '../output.js';
import { prepareEngine } from '../prepare-engine.js';

/** `peftgrid engine install [--cuda]`: prints the folder of the library. */
export async function install({ cuda = false, json }: Common & { cuda?: boolean }): Promise<void> {
  const home = peftgridHome();
  await prepareEngine(home, cuda);
  const folder = libraryFolder(home);
  if (json) printJson({ folder, cuda });
  else print(folder);
}

/** `peftgrid engine doctor`: ends with 1 where an op differs from the JavaScript backend's or a library is
 *  missing. */
export async function engineDoctor({ json }: Common): Promise<void> {
  const report = await doctor(peftgridHome());
  if (!report.ok) process.exitCode = 1;
  if (json) return printJson(report);
  const { versions, platform, device, threads, ops, cuda, remarks } = report;
  print(
    [
      `${versions.tensorflow}, tfjs ${versions.tfjs}, Node ${versions.node}, peftgrid ${versions.peftgrid} on ${platform}`,
      `device  ${device} (${threads} threads)`,
      ...peakLines(report),
      `ops     ${ops.filter((o) => o.ok).length} of ${ops.length} equal the JavaScript backend's, gradients too`,
      ...(cuda.length
        ? [`CUDA    ${cuda.filter((c) => c.problem === null).length} of ${cuda.length} libraries load`]
        : []),
      ...remarks,
    ].join('\n'),
  );
}

function peakLines({ peakGflops: { float32, bfloat16 }, gainsBy }: DoctorReport): string[] {
  const times = (bfloat16 / float32).toFixed(1);
  const gain =
    gainsBy === 'bfloat16'
      ? 'trials gain by training.precision: bfloat16'
      : 'trials gain nothing by bfloat16';
  return [
    `peak    ${float32} GFLOP/s in a float32 matrix product, ${bfloat16} in a bfloat16 one`,
    `gain    ${gain}: its products are ${times} times as fast`,
  ];
}
