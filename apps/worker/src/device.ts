/** The device that a worker was told to use. */
export type Device = { kind: 'cpu' } | { kind: 'cuda'; index: number };

/** Throws a sentence that names the variable. */
export function deviceOf(text: string): Device | undefined {
  if (text === '') return undefined;
  if (text === 'cpu') return { kind: 'cpu' };
  const index = /^cuda:(\d{1,2})$/.exec(text)?.[1];
  if (index === undefined) throw new Error(`PEFTGRID_DEVICE is "${text}"; expected cpu, cuda:0, cuda:1 …`);
  return { kind: 'cuda', index: Number(index) };
}

/** What a trainer's environment needs so that it sees this device alone. An index counts among the devices
 *  that are visible here. */
export function deviceEnvironment(
  device: Device | undefined,
  env: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  if (!device) return {};
  if (device.kind === 'cpu') return { CUDA_VISIBLE_DEVICES: '-1' };
  const visible = env['CUDA_VISIBLE_DEVICES']?.split(',').map((name) => name.trim());
  if (visible && visible[device.index] === undefined)
    throw new Error(
      `PEFTGRID_DEVICE is cuda:${device.index}, and CUDA_VISIBLE_DEVICES lets ${visible.length} be seen`,
    );
  return {
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
    CUDA_VISIBLE_DEVICES: visible?.[device.index] ?? String(device.index),
  };
}

/** Throws where a GPU was asked for and the trainer computes on the CPU. `named`: as the trainer names its
 *  device. */
export function checkDevice(device: Device | undefined, named: string): void {
  if (device?.kind === 'cuda' && / x \d+ threads$/.test(named))
    throw new Error(
      `cuda:${device.index} was asked for, and TensorFlow found no GPU there: ./peftgrid engine doctor looks closer`,
    );
}
