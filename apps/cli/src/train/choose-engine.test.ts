import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Terminal } from '../terminal/terminal.ts';
import { chooseEngine } from './choose-engine.ts';
import type { EngineWish } from './engine-choice.ts';

/** A machine where only what a test puts there is set up. */
let cache = '';

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'alexnet-engine-'));
  vi.stubEnv('ALEXNET_CACHE', cache);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

async function choose(wish: EngineWish) {
  const notes: string[] = [];
  const terminal: Terminal = {
    isInteractive: false,
    columns: 80,
    result: () => {},
    bytes: () => {},
    note: (line) => notes.push(line),
    status: () => {},
  };
  return { choice: await chooseEngine(wish, terminal), notes };
}

/** A package for cards, with a binding of this text. */
async function setUpGpu(program: string): Promise<void> {
  const directory = join(cache, 'tfjs', 'gpu');
  await mkdir(join(directory, 'lib', 'napi-v8'), { recursive: true });
  await writeFile(join(directory, 'lib', 'napi-v8', 'tfjs_binding.node'), '');
  await writeFile(join(directory, 'index.js'), program);
  const name = '@tensorflow/tfjs-node-gpu';
  const entry = { package: name, directory, tfjs: '4.22.0', tensorflow: '2.21.0', gpu: true };
  await writeFile(join(cache, 'tfjs', 'installed.json'), JSON.stringify([entry]));
}

/** What tfjs-node-gpu says of itself, on a machine with or without a card. */
function packageThat(isUsingGpuDevice: boolean): string {
  return `exports.version_core = '4.22.0';
    exports.backend = () => ({ isUsingGpuDevice: ${isUsingGpuDevice}, binding: { TF_Version: '2.21.0' } });`;
}

describe('without TensorFlow', () => {
  test.each([
    [{}, 'onnxruntime'],
    [{ engine: 'auto', device: 'cpu' }, 'onnxruntime'],
    [{ engine: 'onnxruntime' }, 'onnxruntime'],
    [{ engine: 'tfjs' }, 'tfjs'],
  ] as const)('%o is %s on the processor', async (wish, name) => {
    expect(await choose(wish)).toEqual({ choice: { name, device: 'cpu' }, notes: [] });
  });

  test.each([{ device: 'cuda' }, { engine: 'tfjs', device: 'cuda' }] as const)(
    '%o is refused',
    async (wish) => {
      await expect(choose(wish)).rejects.toMatchObject({
        code: 'DEVICE_UNAVAILABLE',
        hint: expect.stringContaining('alexnet setup tfjs --gpu'),
      });
    },
  );

  test('TensorFlow knows no WebGPU', async () => {
    await expect(choose({ engine: 'tfjs', device: 'webgpu' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      hint: expect.stringContaining('onnxruntime'),
    });
  });

  test('onnxruntime on CUDA is refused with what it misses, where its provider is not installed', async (context) => {
    if (process.env.ALEXNET_REQUIRE_CUDA === '1') context.skip('there is CUDA');
    await expect(choose({ engine: 'onnxruntime', device: 'cuda' })).rejects.toMatchObject({
      code: 'DEVICE_UNAVAILABLE',
      message: expect.stringContaining('"cuda"'),
      hint: expect.stringMatching(/npm rebuild onnxruntime-node|Linux x64 only/),
    });
  });
});

describe('with tfjs-node-gpu', () => {
  test('that sees a card: it trains there, unless something else is asked for', async () => {
    await setUpGpu(packageThat(true));
    for (const wish of [{}, { engine: 'tfjs' }, { device: 'cuda' }] as const) {
      const { choice, notes } = await choose(wish);
      expect(choice).toEqual({ name: 'tfjs', device: 'cuda' });
      expect(notes).toEqual([]);
    }
    const { choice } = await choose({ engine: 'onnxruntime' });
    expect(choice).toEqual({ name: 'onnxruntime', device: 'cpu' });
  });

  test('that sees none: the processor trains, and that is said', async () => {
    await setUpGpu(packageThat(false));
    const { choice, notes } = await choose({});
    expect(choice).toEqual({ name: 'onnxruntime', device: 'cpu' });
    expect(notes.join()).toMatch(/No CUDA: .*sees no CUDA device/);
    await expect(choose({ device: 'cuda' })).rejects.toMatchObject({ code: 'DEVICE_UNAVAILABLE' });
  });

  test('that is brought down by its driver: as where there is no card', async () => {
    await setUpGpu('process.abort();');
    const { choice, notes } = await choose({});
    expect(choice).toEqual({ name: 'onnxruntime', device: 'cpu' });
    expect(notes.join()).toContain('broke when it was loaded');
  });
});
