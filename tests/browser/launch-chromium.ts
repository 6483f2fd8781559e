import { type Browser, chromium } from 'playwright-core';
import { onTestFinished, type TestContext } from 'vitest';
import { requireOrSkip } from '../require.ts';

/** WebGPU on Chromium's own software GPU: slow, and right. */
const WEBGPU_FLAGS = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/**
 * Starts a headless Chromium that ends with the test, or skips the test where there is none.
 *
 * @param options.webgpu - with a WebGPU adapter (SwiftShader), whatever the machine has; default: without
 * @param options.flags - more of Chromium's own
 */
export async function launchChromium(
  context: TestContext,
  { webgpu = false, flags = [] }: { webgpu?: boolean; flags?: readonly string[] } = {},
): Promise<Browser> {
  const executablePath = process.env.ALEXNET_CHROMIUM ?? '';
  const remedy =
    'ALEXNET_CHROMIUM names no Chromium: node scripts/chromium.mjs finds or installs one';
  requireOrSkip(context, 'CHROMIUM', executablePath !== '', remedy);
  const args = [...(webgpu ? WEBGPU_FLAGS : ['--disable-features=WebGPU']), ...flags];
  const browser = await chromium.launch({ executablePath, args });
  onTestFinished(() => browser.close());
  return browser;
}
