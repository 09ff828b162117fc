/** Which PyPI wheel carries the TensorFlow library for a platform. Linux x86-64 is proven; the others are
 *  mapped. */
export interface Wheel {
  requirement: string; // pinned, as pip takes it
  platforms: string[]; // pip's platform tags
  sha256: string | null; // of the wheel; null where it was never held in hands
  python: string;
}

const version = '2.18.0';

/** Throws one sentence for a platform that has no wheel. */
export function wheelFor(platform: string, arch: string, cuda: boolean): Wheel {
  const python = '3.11';
  if (platform === 'linux' && arch === 'x64') {
    const platforms = ['manylinux_2_17_x86_64', 'manylinux2014_x86_64'];
    if (cuda) return { requirement: `tensorflow==${version}`, platforms, sha256: null, python };
    return { requirement: `tensorflow-cpu==${version}`, platforms, sha256: cpuWheelHash, python };
  }
  if (cuda) throw new Error(`the CUDA library exists for Linux x86-64 only, and this is ${platform} ${arch}`);
  const requirement = `tensorflow==${version}`;
  if (platform === 'linux' && arch === 'arm64') {
    return {
      requirement,
      platforms: ['manylinux_2_17_aarch64', 'manylinux2014_aarch64'],
      sha256: null,
      python,
    };
  }
  if (platform === 'darwin' && arch === 'arm64')
    return { requirement, platforms: ['macosx_12_0_arm64'], sha256: null, python };
  throw new Error(
    `there is no TensorFlow library for ${platform} ${arch}; peftgrid trains on Linux x86-64, Linux aarch64 and macOS arm64`,
  );
}

const cpuWheelHash = '089e71746960ea581dca53401f84b3b99c8537313e337a9e5dbf97036a936f7e';
