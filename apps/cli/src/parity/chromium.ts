import { AlexNetError, fromErrorMessage } from '@alexnet/core';
import { bytesOf } from './bytes-of.ts';
import { checkDevice } from './check-device.ts';
import {
  type Browser,
  bundlePage,
  findOnnxruntimeFolder,
  loadPlaywright,
  type Page,
} from './chromium-modules.ts';
import { findChromium } from './find-chromium.ts';
import type { PageAnswer, PageRequest } from './page-request.ts';
import type { Measurement, ParityRuntime, ParitySubject, Tolerance } from './runtime.ts';
import { servePage } from './serve-page.ts';

type WebDevice = PageRequest['device'];

/** onnxruntime-web in a headless Chromium of this machine, on one of its devices. */
export function chromium(device: WebDevice, tolerance: Tolerance): ParityRuntime {
  return {
    id: `chromium-${device}`,
    title: 'onnxruntime-web in Chromium',
    device,
    tolerance,
    measure: (subject) => measureInChromium(subject, device),
  };
}

async function measureInChromium(subject: ParitySubject, device: WebDevice): Promise<Measurement> {
  const files = new Map([
    ['/model.onnx', subject.bytes],
    ['/input.f32', bytesOf(subject.fileInput.data)],
    ...[...(await bundlePage())].map(([name, bytes]) => [`/${name}`, bytes] as const),
  ]);
  const server = await servePage({ files, onnxruntimeFolder: findOnnxruntimeFolder() });
  try {
    const opened = await openPage(server.url, device);
    try {
      return await askPage(opened, subject, device);
    } finally {
      await opened.browser.close();
    }
  } finally {
    await server.close();
  }
}

interface OpenedPage {
  readonly browser: Browser;
  readonly page: Page;
  /** Who computes what WebGPU is given. */
  readonly adapter: string | null;
}

/** Ways to WebGPU, the better first: the graphics card, then the processor in its place. */
const WEBGPU_FLAGS = [
  ['--enable-unsafe-webgpu', '--enable-features=Vulkan'],
  ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
];

async function openPage(url: string, device: WebDevice): Promise<OpenedPage> {
  const playwright = await loadPlaywright();
  const found = await findChromium();
  if ('missing' in found) {
    const { missing: message, remedy: hint } = found;
    throw new AlexNetError('MISSING_DEPENDENCY', { message, hint });
  }
  for (const args of device === 'webgpu' ? WEBGPU_FLAGS : [[]]) {
    const executablePath = found.chromium;
    const browser = await playwright.chromium.launch({ executablePath, args });
    const page = await browser.newPage();
    await page.goto(url);
    const adapter: string | null = await page.evaluate(call('describeAdapter'));
    if (device !== 'webgpu' || adapter !== null) return { browser, page, adapter };
    await browser.close();
  }
  throw new AlexNetError('DEVICE_UNAVAILABLE', {
    message: `${found.chromium} offers no WebGPU adapter, nor SwiftShader in its place.`,
    hint: 'WebGPU wants Chromium 113 or newer; chrome://gpu says what is in the way.',
  });
}

async function askPage(
  { browser, page, adapter }: OpenedPage,
  { name, precision, embedded, batchSize, taps, fileInput }: ParitySubject,
  device: WebDevice,
): Promise<Measurement> {
  const { shape: inputShape } = fileInput;
  const request: PageRequest = {
    ...{ name, precision, embedded, batchSize, taps },
    ...{ device, inputShape },
  };
  const answer: PageAnswer = await page.evaluate(call('measureInPage', request));
  if ('error' in answer) throw fromErrorMessage(answer.error);
  const { measurement } = answer;
  checkDevice('onnxruntime-web', device, measurement.device);
  // A session may say that it is on the graphics card, and compute nothing there.
  if (device === 'webgpu') checkDevice('onnxruntime-web', device, workplaceOf(measurement));
  return {
    runtime: `onnxruntime-web ${measurement.version} in Chromium ${browser.version()}`,
    device:
      device === 'webgpu' ? `webgpu, ${adapter}` : `wasm, ${countThreads(measurement.threads)}`,
    outputs: new Map(measurement.outputs),
    milliseconds: measurement.milliseconds,
  };
}

function workplaceOf({ dispatches }: { readonly dispatches: number }): string {
  return dispatches > 0 ? 'webgpu' : 'the processor';
}

function countThreads(threads: number): string {
  return threads === 1 ? 'one thread' : `${threads} threads`;
}

/** A call of the page's script, as text: what is imported here is no business of the page. */
function call(name: 'describeAdapter' | 'measureInPage', request?: PageRequest): string {
  return `import('/page.js').then((page) => page.${name}(${JSON.stringify(request) ?? ''}))`;
}
