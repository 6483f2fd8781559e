import type { OrtSession } from '@alexnet/runtime';
import pLimit from 'p-limit';
import { describe, expect, test } from 'vitest';
import type { LoadedModel } from './create-session.ts';
import { openSession, type Platform } from './open-session.ts';
import type { OrtModule, WebDevice } from './ort.ts';

/** What a device does: gives these values, or fails when the model is loaded or run. */
type Behaviour = readonly number[] | { readonly load: string } | { readonly run: string };

interface World {
  readonly adapter?: Awaited<ReturnType<Platform['findAdapter']>>;
  readonly wasm?: Behaviour;
  readonly webgpu?: Behaviour;
  readonly notes?: Map<string, string>;
}

const ADAPTER = { name: 'a card', isSoftware: false };
const MODEL: LoadedModel = {
  name: 'some.onnx',
  bytes: Uint8Array.of(8),
  sha256: 'ab'.repeat(32),
  externalData: [],
  precision: { compute: 'float32', weights: 'float32' },
  embedded: null,
};

/** A browser whose every step is written down: `start webgpu`, `load wasm`, `run wasm`, `free wasm`. */
function createWorld({
  adapter = ADAPTER,
  wasm = [1, 2, 3],
  webgpu = wasm,
  notes = new Map(),
}: World = {}) {
  const events: string[] = [];
  const behaviours: Readonly<Record<WebDevice, Behaviour>> = { wasm, webgpu };
  let busy = 0;
  const alone = async <T>(event: string, work: () => T): Promise<T> => {
    events.push(event);
    busy += 1;
    expect(busy).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    busy -= 1;
    return work();
  };
  const ort: OrtModule = {
    env: { wasm: { numThreads: 1 }, versions: { web: '9.9.9' } },
    Tensor: class {
      readonly type: string;
      readonly dims: readonly number[];
      readonly data: unknown;
      constructor(type: string, data: unknown, dims: readonly number[]) {
        this.type = type;
        this.data = data;
        this.dims = dims;
      }
    },
    InferenceSession: {
      create: async (_, { executionProviders: [device = 'wasm'] }) =>
        alone(`load ${device}`, () => createFakeSession(device)),
    },
  };
  const createFakeSession = (device: WebDevice): OrtSession => {
    const behaviour = behaviours[device];
    if ('load' in behaviour) throw new Error(behaviour.load);
    return {
      inputMetadata: [{ name: 'image', isTensor: true, type: 'float32', shape: ['N', 3, 2, 2] }],
      outputMetadata: [{ name: 'logits', isTensor: true, type: 'float32', shape: ['N', 3] }],
      run: (feeds) =>
        alone(`run ${device}`, () => {
          expect(feeds.image?.dims).toEqual([1, 3, 2, 2]);
          if ('run' in behaviour) throw new Error(behaviour.run);
          const data = Float32Array.from(behaviour);
          return { logits: { type: 'float32', dims: [1, 3], data } };
        }),
      release: () => alone(`free ${device}`, () => undefined),
    };
  };
  const turns = pLimit(1);
  const platform: Platform = {
    findAdapter: async () => adapter,
    startOnnxruntime: async (build) => {
      events.push(`start ${build}`);
      return { ort, turns };
    },
    readNote: async (name) => notes.get(name) ?? null,
    writeNote: async (name, text) => void notes.set(name, text),
  };
  return { platform, events, notes };
}

describe('auto', () => {
  test.each([
    ['there is no WebGPU', 'this browser has no WebGPU', /^auto: no WebGPU, this browser has no/],
    [
      'it is played by the processor',
      { ...ADAPTER, isSoftware: true },
      /computed by the processor/,
    ],
  ])('takes WASM where %s', async (_, adapter, reason) => {
    const { platform, events } = createWorld({ adapter });
    const { info } = await openSession(MODEL, { device: 'auto' }, platform);
    expect(info).toMatchObject({
      device: 'wasm',
      deviceReason: expect.stringMatching(reason),
      runtime: 'onnxruntime-web',
      version: '9.9.9',
      threads: 1,
    });
    expect(events).toEqual(['start wasm', 'load wasm']);
  });

  test('compares once, one session at a time, and keeps the finding', async () => {
    const { platform, events, notes } = createWorld({ webgpu: [1, 2, 3.002] });
    const { info } = await openSession(MODEL, { device: 'auto' }, platform);
    expect(info.device).toBe('webgpu');
    const steps = ['load wasm', 'run wasm', 'free wasm', 'load webgpu', 'run webgpu'];
    expect(events).toEqual(['start webgpu', ...steps]);
    expect([...notes.keys()]).toEqual([
      expect.stringMatching(/(ab){32}.*a card.*onnxruntime-web \d+\.\d+\.\d+/),
    ]);
    events.length = 0;
    const again = await openSession(MODEL, { device: 'auto' }, platform);
    expect(again.info).toEqual(info);
    expect(events).toEqual(['start webgpu', 'load webgpu']);
  });

  test.each([
    ['other values', [1, 2, 3.01], /off by 0\.0100, where the largest is 3\.00$/],
    ['NaN', [1, Number.NaN, 3], /gave a wrong result, NaN in place of 2$/],
    ['too few values', [1, 2], /undefined in place of 3$/],
  ])('takes WASM where WebGPU gives %s, and does not try again', async (_, webgpu, reason) => {
    const { platform, events } = createWorld({ webgpu });
    const { info } = await openSession(MODEL, { device: 'auto' }, platform);
    expect(info).toMatchObject({ device: 'wasm', deviceReason: expect.stringMatching(reason) });
    expect(events.slice(-2)).toEqual(['free webgpu', 'load wasm']);
    events.length = 0;
    const again = await openSession(MODEL, { device: 'auto' }, platform);
    expect(again.info).toEqual(info);
    expect(events).toEqual(['start wasm', 'load wasm']);
  });

  test.each([
    ['loading', { load: 'device lost' }],
    ['running', { run: 'device lost' }],
  ])('takes WASM where WebGPU fails in %s, which may pass', async (_, webgpu) => {
    const { platform, notes } = createWorld({ webgpu });
    const { info } = await openSession(MODEL, { device: 'auto' }, platform);
    expect(info.device).toBe('wasm');
    expect(info.deviceReason).toMatch(/^auto: WebGPU failed: .*device lost/);
    expect(notes.size).toBe(0);
  });

  test('keeps nothing of a model that it cannot tell from others', async () => {
    const { platform, notes } = createWorld();
    await openSession({ ...MODEL, sha256: null }, { device: 'auto' }, platform);
    expect(notes.size).toBe(0);
  });

  test('says that a model is none, whatever the device', async () => {
    const { platform } = createWorld({ wasm: { load: 'no protobuf' } });
    await expect(openSession(MODEL, { device: 'auto' }, platform)).rejects.toMatchObject({
      code: 'INVALID_MODEL',
      message: 'onnxruntime does not load some.onnx: no protobuf.',
    });
  });
});

describe('WebGPU by name', () => {
  const open = (world: World) =>
    openSession(MODEL, { device: 'webgpu' }, createWorld(world).platform);

  test('is taken, even where the processor plays it', async () => {
    const { info } = await open({ adapter: { ...ADAPTER, isSoftware: true } });
    expect(info).toMatchObject({ device: 'webgpu', deviceReason: 'asked for by name' });
  });

  test.each<[string, World, string, RegExp]>([
    ['there is none', { adapter: 'no adapter' }, 'DEVICE_UNAVAILABLE', /not available: no adapter/],
    ['it fails', { webgpu: { load: 'out of memory' } }, 'DEVICE_UNAVAILABLE', /out of memory/],
    [
      'the model is none',
      { wasm: { load: 'no protobuf' }, webgpu: { load: 'no protobuf' } },
      'INVALID_MODEL',
      /does not load some\.onnx/,
    ],
  ])('is never replaced where %s', async (_, world, code, message) => {
    await expect(open(world)).rejects.toThrow(
      expect.objectContaining({
        code,
        message: expect.stringMatching(message),
        hint: expect.stringMatching(/./),
      }),
    );
  });
});

test('another device is refused with those there are', async () => {
  const { platform } = createWorld();
  const call = Reflect.apply(openSession, undefined, [MODEL, { device: 'cuda' }, platform]);
  await expect(call).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: 'There is no device "cuda".',
    hint: 'Choose one of: auto, wasm, webgpu.',
  });
});
