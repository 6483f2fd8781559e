import type { Classifier } from '@alexnet/runtime';
import { expect, test } from 'vitest';
import {
  createModelHost,
  type ModelHost,
  type ModelRequest,
  type OpenOptions,
} from './model-host.ts';

interface Opening {
  readonly name: string;
  readonly options: OpenOptions;
  readonly finish: () => void;
  readonly fail: (error: Error) => void;
}

/** A host whose models open when the test says so. */
function createFake(): {
  readonly host: ModelHost<string>;
  readonly openings: Opening[];
  readonly disposed: string[];
} {
  const openings: Opening[] = [];
  const disposed: string[] = [];
  const host = createModelHost<string>(({ source: { name } }, options) => {
    const kind = options.features ? `${name} with layers` : name;
    return new Promise((resolve, reject) => {
      const finish = (): void => resolve(createModel(kind, disposed));
      openings.push({ name: kind, options, finish, fail: reject });
    });
  });
  return { host, openings, disposed };
}

function createModel(name: string, disposed: string[]): Classifier<string> {
  const unused = (): never => {
    throw new Error('The host only opens and disposes.');
  };
  const dispose = async (): Promise<void> => {
    disposed.push(name);
  };
  return {
    info: {
      device: 'wasm',
      deviceReason: '',
      runtime: '',
      version: '',
      input: { name: '', shape: [] },
      output: { name: '', shape: [] },
      outputs: [],
      preset: name,
      labels: [],
      preprocessing: {
        resize: { mode: 'none' },
        crop: null,
        channels: 'RGB',
        scale: 1,
        mean: [0, 0, 0],
        std: [1, 1, 1],
      },
      provenance: null,
      classes: 0,
      outputKind: 'logits',
      layers: [],
    },
    classify: unused,
    classifyBatch: unused,
    logits: unused,
    features: unused,
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

const ask = (name: string): ModelRequest => ({ source: { name, from: name }, device: 'auto' });
const nothing = (): void => {};

test('the present model stays until the next one is ready', async () => {
  const { host, openings, disposed } = createFake();
  const first = host.open(ask('a'), nothing);
  openings[0]?.finish();
  expect((await first)?.classifier.info.preset).toBe('a');
  const second = host.open(ask('b'), nothing);
  expect(host.current?.classifier.info.preset).toBe('a');
  openings[1]?.finish();
  await second;
  expect(host.current?.classifier.info.preset).toBe('b');
  expect(disposed).toEqual(['a']);
});

test('and where the next one fails', async () => {
  const { host, openings, disposed } = createFake();
  const first = host.open(ask('a'), nothing);
  openings[0]?.finish();
  await first;
  const second = host.open(ask('b'), nothing);
  openings[1]?.fail(new Error('no model'));
  await expect(second).rejects.toThrow('no model');
  expect(host.current?.classifier.info.preset).toBe('a');
  expect(disposed).toEqual([]);
});

test('the later of two wins; the other one is told to stop, and freed if it does not', async () => {
  const { host, openings, disposed } = createFake();
  const slow = host.open(ask('slow'), nothing);
  const quick = host.open(ask('quick'), nothing);
  expect(openings[0]?.options.signal.aborted).toBe(true);
  openings[1]?.finish();
  openings[0]?.finish();
  expect(await slow).toBeNull();
  expect((await quick)?.request.source.name).toBe('quick');
  expect(disposed).toEqual(['slow']);
});

test('layers are opened once, and closed with their model', async () => {
  const { host, openings, disposed } = createFake();
  expect(await host.openLayers()).toBeNull();
  const first = host.open(ask('a'), nothing);
  openings[0]?.finish();
  await first;
  const [layers, again] = [host.openLayers(), host.openLayers()];
  expect(openings).toHaveLength(2);
  openings[1]?.finish();
  expect((await layers)?.info.preset).toBe('a with layers');
  expect(await again).toBe(await layers);
  const second = host.open(ask('b'), nothing);
  openings[2]?.finish();
  await second;
  expect(disposed).toEqual(['a with layers', 'a']);
});

test('layers that cannot be opened are tried again', async () => {
  const { host, openings } = createFake();
  const first = host.open(ask('a'), nothing);
  openings[0]?.finish();
  await first;
  const layers = host.openLayers();
  openings[1]?.fail(new Error('no memory'));
  await expect(layers).rejects.toThrow('no memory');
  const again = host.openLayers();
  openings[2]?.finish();
  expect((await again)?.info.preset).toBe('a with layers');
});
