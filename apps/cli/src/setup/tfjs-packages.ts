import type { TensorFlowPackage } from '@alexnet/train/node';

/** The version of both npm packages, and of the library that is put under them. */
export const TFJS_VERSION = '4.22.0';
export const TENSORFLOW_VERSION = '2.21.0';

/** An npm package, and the wheel of PyPI that has the library for it. */
export interface TfjsPackage {
  readonly package: TensorFlowPackage;
  readonly gpu: boolean;
  /** Folder beneath the folder of all that is set up. */
  readonly folder: 'cpu' | 'gpu';
  /** In the folder `setup` of this package: what npm installs, by checksum. */
  readonly lockFile: string;
  /** Project at PyPI. */
  readonly project: 'tensorflow-cpu' | 'tensorflow';
  readonly wheel: PinnedWheel;
}

interface PinnedWheel {
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** What is unpacked of it. */
  readonly unpackedBytes: number;
}

/** @see https://pypi.org/project/tensorflow-cpu/2.21.0/#files */
const CPU: TfjsPackage = {
  package: '@tensorflow/tfjs-node',
  gpu: false,
  folder: 'cpu',
  lockFile: 'tfjs-node.lock.json',
  project: 'tensorflow-cpu',
  wheel: {
    fileName: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
    sizeBytes: 273_829_956,
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    unpackedBytes: 853_308_936,
  },
};

/** @see https://pypi.org/project/tensorflow/2.21.0/#files */
const GPU: TfjsPackage = {
  package: '@tensorflow/tfjs-node-gpu',
  gpu: true,
  folder: 'gpu',
  lockFile: 'tfjs-node-gpu.lock.json',
  project: 'tensorflow',
  wheel: {
    fileName: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
    sizeBytes: 572_440_367,
    sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
    unpackedBytes: 1_259_021_080,
  },
};

/** What npm installs beside the library, of either package. */
export const NPM_BYTES = 320_000_000;

export function choosePackage({ gpu }: { readonly gpu: boolean }): TfjsPackage {
  return gpu ? GPU : CPU;
}

/**
 * How `pip download` gets the wheel. Any Python can: the library in it is the same for all of Python's versions, so
 * that one wheel is pinned.
 */
export function pipDownload({ project }: TfjsPackage): readonly string[] {
  return [
    'download',
    '--no-deps',
    ...['--only-binary', ':all:'],
    ...['--platform', 'manylinux_2_27_x86_64'],
    ...['--implementation', 'cp'],
    ...['--python-version', '3.11'],
    ...['--abi', 'cp311'],
    `${project}==${TENSORFLOW_VERSION}`,
  ];
}
