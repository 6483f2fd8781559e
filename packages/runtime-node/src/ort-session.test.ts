import type { OrtValueInfo } from '@alexnet/runtime';
import { describe, expect, test } from 'vitest';
import type { DeviceChoice } from './device/list-devices.ts';
import type { Machine } from './device/machine.ts';
import type { OrtModule, OrtSessionOptions } from './ort.ts';
import { createSession } from './ort-session.ts';

const IMAGE: OrtValueInfo = {
  name: 'image',
  isTensor: true,
  type: 'float32',
  shape: ['N', 3, 2, 2],
};
const LOGITS: OrtValueInfo = { name: 'logits', isTensor: true, type: 'float32', shape: ['N', 4] };
const MODEL = Uint8Array.of(8, 9);
const LINUX: Machine = createMachine({ hasCudaLibrary: false });
const GPU: Machine = createMachine({
  ran: ['CUDAExecutionProvider Conv', 'CUDAExecutionProvider Gemm'],
});

/** @param ran - provider and operator of each node in the profile */
function createMachine({
  hasCudaLibrary = true,
  ran = [],
  missing = [],
}: {
  readonly hasCudaLibrary?: boolean;
  readonly ran?: readonly string[];
  readonly missing?: readonly string[];
}): Machine {
  const events = ran.map((node) => {
    const [provider, op_name] = node.split(' ');
    return { cat: 'Node', name: 'x_kernel_time', args: { provider, op_name } };
  });
  return {
    platform: 'linux-x64',
    hasCudaLibrary,
    findsLibrary: (name) => !missing.includes(name),
    openProfile: async () => ({
      prefix: '/tmp/profile',
      read: async () => JSON.stringify([{ cat: 'Session' }, ...events]),
      remove: async () => {},
    }),
  };
}

interface FakeOptions {
  readonly inputs?: readonly OrtValueInfo[];
  readonly outputs?: readonly OrtValueInfo[];
  /** Providers that throw when a session is made on them, and what. */
  readonly broken?: Readonly<Record<string, string>>;
  readonly run?: () => Promise<Float32Array>;
}

class FakeTensor {
  readonly type: string;
  readonly data: Float32Array | Uint16Array | Uint8Array;
  readonly dims: readonly number[];
  constructor(
    type: 'float32' | 'float16' | 'uint8',
    values: Float32Array | Uint16Array | Uint8Array,
    shape: readonly number[],
  ) {
    this.type = type;
    this.data = values;
    this.dims = shape;
  }
}

function createFake({ inputs = [IMAGE], outputs = [LOGITS], broken = {}, run }: FakeOptions = {}) {
  const created: OrtSessionOptions[] = [];
  const feeds: unknown[] = [];
  let released = 0;
  const env: OrtModule['env'] = { logLevel: 'warning', versions: { node: '1.30.0' } };
  const ort: OrtModule = {
    InferenceSession: {
      async create(_model, options) {
        created.push(options);
        const message = broken[options.executionProviders[0] ?? ''];
        if (message) throw new Error(message);
        return {
          inputMetadata: inputs,
          outputMetadata: outputs,
          async run(given, fetches) {
            feeds.push(given);
            const values = (await run?.()) ?? Float32Array.of(1, 2, 3, 4);
            return { [fetches[0] ?? '']: new FakeTensor('float32', values, [1, 4]) };
          },
          endProfiling() {},
          async release() {
            released++;
          },
        };
      },
    },
    Tensor: FakeTensor,
    env,
    listSupportedBackends: () => ['cpu', 'webgpu', 'cuda'].map((name) => ({ name })),
  };
  const open = (device: DeviceChoice = 'cpu', machine: Machine = LINUX, threads?: number) =>
    createSession(ort, MODEL, {
      name: 'pets.onnx',
      device,
      machine,
      ...(threads === undefined ? {} : { threads }),
    });
  return { ort, open, created, feeds, released: () => released };
}

function isError(code: string, message: RegExp, hint = /./) {
  return expect.objectContaining({
    code,
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  });
}

test('runs one batch and says where', async () => {
  const { open, feeds } = createFake();
  const session = await open();
  expect(session.info).toEqual({
    device: 'cpu',
    deviceReason: 'asked for by name',
    runtime: 'onnxruntime-node',
    version: '1.30.0',
    input: { name: 'image', shape: ['N', 3, 2, 2] },
    output: { name: 'logits', shape: ['N', 4] },
    outputs: [{ name: 'logits', shape: ['N', 4] }],
  });
  const input = new Float32Array(12);
  expect(await session.run(input, 1)).toEqual(
    new Map([['logits', { shape: [1, 4], data: Float32Array.of(1, 2, 3, 4) }]]),
  );
  expect(feeds).toEqual([{ image: new FakeTensor('float32', input, [1, 3, 2, 2]) }]);
});

describe('bytes with the channels last', () => {
  const bytes = { ...IMAGE, type: 'uint8', shape: ['N', 1, 2, 3] };

  test('are made of levels with the channels first', async () => {
    const { open, feeds } = createFake({ inputs: [bytes] });
    const session = await open();
    expect(session.info.input).toEqual({ name: 'image', shape: ['N', 3, 1, 2] });
    await session.run(Float32Array.of(1, 2, 10, 20, 100, 200), 1);
    const expected = Uint8Array.of(1, 10, 100, 2, 20, 200);
    expect(feeds).toEqual([{ image: new FakeTensor('uint8', expected, [1, 1, 2, 3]) }]);
  });

  test('of any size are refused in a file that does not say what it makes of them', async () => {
    const { open } = createFake({ inputs: [{ ...bytes, shape: ['N', 'H', 'W', 3] }] });
    await expect(open()).rejects.toThrow(
      isError('INVALID_MODEL', /of pets\.onnx is uint8 \[N, H, W, 3\]/, /--embed/),
    );
  });
});

test('keeps onnxruntime silent and hands it the threads', async () => {
  const { ort, open, created } = createFake();
  await open('cpu', LINUX, 3);
  await open();
  expect(created).toEqual([
    { executionProviders: ['cpu'], logSeverityLevel: 4, intraOpNumThreads: 3 },
    { executionProviders: ['cpu'], logSeverityLevel: 4 },
  ]);
  expect(ort.env.logLevel).toBe('fatal');
});

test.each([
  [{ compute: 'float32', weights: 'int8' }, { session: { disable_quant_qdq: '1' } }],
  [{ compute: 'float32', weights: 'float32' }, undefined],
  [{ compute: 'int8', weights: 'int8' }, undefined],
] as const)('weights that are kept small are widened once: %j', async (precision, extra) => {
  const { ort, created } = createFake();
  await createSession(ort, MODEL, { name: 'm', device: 'cpu', machine: LINUX, precision });
  expect(created[0]?.extra).toEqual(extra);
});

test('leaves a log level that the caller set', async () => {
  const { ort, open } = createFake();
  ort.env.logLevel = 'verbose';
  await open();
  expect(ort.env.logLevel).toBe('verbose');
});

test.each([0, 1.5, -2, 5000])('refuses %d threads', async (threads) => {
  const { open } = createFake();
  await expect(open('cpu', LINUX, threads)).rejects.toThrow(isError('INVALID_ARGUMENT', /threads/));
});

describe('devices', () => {
  test('auto on a machine with CUDA runs there, after a run that shows it', async () => {
    const { open, created, feeds } = createFake();
    const { info } = await open('auto', GPU);
    expect(info).toMatchObject({
      device: 'cuda',
      deviceReason: 'auto: CUDA is installed; runs all 2 nodes',
    });
    expect(created).toEqual([
      {
        executionProviders: ['cuda'],
        logSeverityLevel: 4,
        enableProfiling: true,
        profileFilePrefix: '/tmp/profile',
      },
    ]);
    expect(feeds).toEqual([
      { image: new FakeTensor('float32', new Float32Array(12), [1, 3, 2, 2]) },
    ]);
  });

  test('auto falls back to the CPU if CUDA fails, and says why', async () => {
    const { open } = createFake({ broken: { cuda: 'CUDA failure 100: no CUDA-capable device' } });
    expect((await open('auto', GPU)).info).toMatchObject({
      device: 'cpu',
      deviceReason:
        'auto: CUDA is installed, but did not work: there is no NVIDIA card that CUDA can see',
    });
    const broken = { cuda: 'something new' };
    expect((await createFake({ broken }).open('auto', GPU)).info.deviceReason).toMatch(
      /did not work: something new$/,
    );
  });

  test('what the CPU runs for a device is told', async () => {
    const ran = [
      'WebGpuExecutionProvider Conv',
      'CPUExecutionProvider LRN',
      'CPUExecutionProvider LRN',
    ];
    const { open } = createFake();
    expect((await open('webgpu', createMachine({ ran }))).info.deviceReason).toBe(
      'asked for by name; runs 1 of 3 nodes, the CPU the others: LRN',
    );
  });

  test('a device that leaves everything to the CPU does not run', async () => {
    const machine = createMachine({
      ran: ['CPUExecutionProvider Conv', 'CPUExecutionProvider Gemm'],
    });
    for (const device of ['cuda', 'webgpu'] as const) {
      const { open, released } = createFake();
      await expect(open(device, machine)).rejects.toThrow(
        isError('DEVICE_UNAVAILABLE', /onnxruntime ran the whole model on the CPU instead\.$/),
      );
      expect(released()).toBe(2);
    }
    const { info } = await createFake().open('auto', machine);
    expect(info).toMatchObject({
      device: 'cpu',
      deviceReason: expect.stringMatching(
        /did not work: onnxruntime ran the whole model on the CPU/,
      ),
    });
  });

  test('a device that fails in its first run is refused with the remedy', async () => {
    const message =
      "Non-zero status code returned while running Conv node. Name:'conv1' Status Message: Failed to initialize CUDNN Frontend";
    const { open } = createFake({ run: () => Promise.reject(new Error(message)) });
    await expect(open('cuda', GPU)).rejects.toThrow(
      isError('DEVICE_UNAVAILABLE', /cuDNN does not start\.$/, /cuDNN 9 for CUDA 12/),
    );
  });

  test('a library that CUDA misses is named with what brings it', async () => {
    const broken = {
      cuda: 'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library',
    };
    const { open } = createFake({ broken });
    await expect(open('cuda', createMachine({ missing: ['libcudnn.so.9'] }))).rejects.toThrow(
      isError(
        'DEVICE_UNAVAILABLE',
        /the system does not find libcudnn\.so\.9\.$/,
        /apt-get install libcudnn9-cuda-12.*device: 'cpu'/,
      ),
    );
  });

  test.each(['cuda', 'webgpu'] as const)('%s by name never falls back', async (device) => {
    const { open, released } = createFake({ broken: { [device]: 'no adapters' } });
    await expect(open(device, GPU)).rejects.toThrow(
      isError('DEVICE_UNAVAILABLE', /not available: no adapters\.$/, /device: 'cpu'/),
    );
    // The session that only asked whether it is the model's fault.
    expect(released()).toBe(1);
  });

  test('a model that loads nowhere is the model’s fault, whatever the device', async () => {
    const broken = { cuda: 'no', webgpu: 'no', cpu: 'protobuf parsing failed.' };
    const message = /onnxruntime does not load pets\.onnx: protobuf parsing failed\.$/;
    for (const device of ['cpu', 'webgpu', 'cuda', 'auto'] as const) {
      const { open } = createFake({ broken });
      await expect(open(device, GPU)).rejects.toThrow(isError('INVALID_MODEL', message));
    }
  });
});

describe('models that are no classifiers of pictures', () => {
  test.each<[string, FakeOptions, RegExp]>([
    [
      'two inputs',
      { inputs: [IMAGE, { ...IMAGE, name: 'target' }] },
      /2 inputs \("image", "target"\)/,
    ],
    ['no input', { inputs: [] }, /0 inputs \(none\)/],
    [
      'doubles as input',
      { inputs: [{ ...IMAGE, type: 'float64' }] },
      /"image" of pets\.onnx is of type float64/,
    ],
    [
      'bytes with the channels first',
      { inputs: [{ ...IMAGE, type: 'uint8' }] },
      /"image" of pets\.onnx is uint8 \[N, 3, 2, 2\], but bytes of pictures are \[N, height, width, 3\]/,
    ],
    [
      'a rank of 2',
      { inputs: [{ ...IMAGE, shape: ['N', 12] }] },
      /"image" of pets\.onnx is \[N, 12\]/,
    ],
    ['no output', { outputs: [] }, /no output/],
    ['a sequence', { outputs: [{ name: 'list', isTensor: false }] }, /sequence or map/],
  ])('%s', async (_, options, message) => {
    const { open, released } = createFake(options);
    await expect(open()).rejects.toThrow(isError('INVALID_MODEL', message));
    expect(released()).toBe(1);
  });

  test('other outputs may be of any type', async () => {
    const index = { name: 'class', isTensor: true, type: 'int64', shape: ['N'] };
    const { open } = createFake({ outputs: [index, LOGITS] });
    const { info } = await open();
    expect(info.output.name).toBe('logits');
    expect(info.outputs.map(({ name }) => name)).toEqual(['class', 'logits']);
  });
});

test("what a run throws is told in onnxruntime's words", async () => {
  const run = () => Promise.reject(new Error('bad allocation'));
  const session = await createFake({ run }).open();
  await expect(session.run(new Float32Array(12), 1)).rejects.toThrow(
    isError('INVALID_MODEL', /pets\.onnx failed on cpu with an input of \[1, 3, 2, 2\]: bad alloc/),
  );
});
